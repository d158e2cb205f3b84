import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Corruption } from '../src/corruption/corruption.ts'
import { corruptions } from '../src/corruption/index.ts'
import { spoil } from '../src/corruption/spoil.ts'
import type { Params } from '../src/data/params.ts'
import type { RowSample } from '../src/data/profile.ts'
import { openEngine, quoteText } from '../src/engines/duckdb.ts'
import { targetsOf } from '../src/evaluation/trial-plan.ts'
import { type MeasuredBatch, measureBatches, type RehearsedBatch } from '../src/monitor/measured-batch.ts'
import { scan } from '../src/profile/scan.ts'
import { takeRows } from '../src/profile/take-rows.ts'
import { cpuMs, median } from './cpu.ts'
import { rawScanSql } from './raw-scan.ts'

const ROWS = 1_000_000
const FRACTION = 0.1
const ROUNDS = 2

/** Twenty columns of a shop: keys, categories, free texts, amounts that add up, flags and times. */
const COLUMNS = `
  i as id, 'INV' || (i // 4) as invoice, hash(i, 1) % 5000 as customer,
  ['France', 'Spain', 'Italy', 'Germany', 'Peru'][(hash(i, 2) % 5 + 1)::bigint] as country,
  ['EUR', 'EUR', 'EUR', 'EUR', 'PEN'][(hash(i, 2) % 5 + 1)::bigint] as currency,
  'item ' || (hash(i, 3) % 4000) as item, 'SKU-' || (hash(i, 3) % 4000) as sku,
  'user' || (hash(i, 1) % 5000) || '@example.com' as email,
  (hash(i, 4) % 9 + 1)::int as quantity, (hash(i, 5) % 5000) / 100 as price,
  round((hash(i, 4) % 9 + 1) * ((hash(i, 5) % 5000) / 100), 2) as total,
  (hash(i, 6) % 100) / 10 as discount, hash(i, 7) % 2 = 0 as paid, hash(i, 8) % 10 = 0 as returned,
  timestamp '2024-03-01' + interval (i % 86400) second as ordered,
  timestamp '2024-03-02' + interval (i % 86400 + hash(i, 9) % 3600) second as shipped,
  case when hash(i, 10) % 20 = 0 then null else (hash(i, 10) % 1000) / 7 end as weight,
  (hash(i, 11) % 60)::double - 20 as temperature, 'été ' || (hash(i, 12) % 50) as label,
  hash(i, 13) % 1000000 as reference`

/**
 * What each corruption costs on a million rows of twenty columns in memory, over what it costs to scan them: to read
 * every column of the Parquet file once and add it up.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  const engine = await openEngine({ threads: 1, memoryMb: 2000 })
  try {
    const file = path.join(folder, 'rows.parquet')
    await engine.run(
      `copy (select ${COLUMNS} from range(${ROWS}) as t(i)) to ${quoteText(file)} (compression zstd)`,
    )
    const scanSql = await rawScanSql(engine, file)
    const scanMs = await medianCpu(() => engine.run(scanSql))
    const { sample } = await scan(engine, file, { sampleRows: ROWS, memoryMb: 1500 })
    const costs = corruptions.map((corruption) => [corruption.name, costOf(corruption, sample)] as const)
    report(costs, { scanMs, saving: await savingOf(sample) })
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Rows of a batch that is measured, as many as are kept of one. */
const BATCH_ROWS = 20_000

interface Saving {
  readonly changedMs: number
  readonly wholeMs: number
}

/** CPU of measuring a batch spoiled in every way: only what changed, and everything anew. */
async function savingOf(table: RowSample): Promise<Saving> {
  for await (const stand of measureBatches(fourBatches(table)))
    if (stand.batch.listing.key === '3') return timed(stand)
  throw new Error('the fourth batch never came')
}

async function* fourBatches(table: RowSample): AsyncGenerator<RehearsedBatch> {
  for (let place = 0; place < 4; place++) {
    const rows = Uint32Array.from({ length: BATCH_ROWS }, (_, i) => place * BATCH_ROWS + i)
    const listing = { key: String(place), startMs: place * 86_400_000, endMs: null }
    const sample = takeRows({ ...table, of: BATCH_ROWS }, rows)
    yield { listing, label: null, inBaseline: true, sample }
  }
}

function timed({ batch, previous, measure }: MeasuredBatch): Saving {
  let [changedMs, wholeMs] = [0, 0]
  const cpuOf = (work: () => unknown): number => {
    const before = cpuMs()
    work()
    return cpuMs() - before
  }
  for (const corruption of corruptions) {
    const [columns] = targetsOf(corruption, batch.sample)
    if (!columns) continue
    const { table } = spoil(batch.sample, { corruption, columns, fraction: FRACTION, seed: 1 }, previous)
    const rows = { ...table, of: table.rows }
    changedMs += cpuOf(() => measure(rows))
    wholeMs += cpuOf(() => measure({ ...rows, columns: rows.columns.map((column) => ({ ...column })) }))
  }
  return { changedMs, wholeMs }
}

async function medianCpu(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const before = cpuMs()
    await work()
    if (round > 0) times.push(cpuMs() - before)
  }
  return median(times)
}

/** CPU of the middle of a few rounds on the more expensive of the first and the last target, in ms; NaN when it fits no column. */
function costOf(corruption: Corruption<Params>, table: RowSample): number {
  const targets = targetsOf(corruption, table)
  const tried = [targets[0], targets[targets.length >> 1], targets.at(-1)].filter(
    (columns) => columns !== undefined,
  )
  const cost = Math.max(...tried.map((columns) => costOn(corruption, table, columns)))
  process.stderr.write(`${corruption.name} ${cost.toFixed(0)} ms\n`)
  return cost
}

function costOn(corruption: Corruption<Params>, table: RowSample, columns: readonly string[]): number {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = cpuMs()
    try {
      spoil(table, { corruption, columns, fraction: FRACTION, seed: round }, table)
    } catch {
      return Number.NaN
    }
    times.push(cpuMs() - before)
  }
  return median(times)
}

function report(
  costs: readonly (readonly [string, number])[],
  { scanMs, saving }: { readonly scanMs: number; readonly saving: Saving },
): void {
  const sorted = costs.toSorted((a, b) => b[1] - a[1])
  console.log(`scanning ${ROWS.toLocaleString('en')} × 20: ${scanMs.toFixed(0)} ms of CPU\n`)
  console.log(
    `${'corruption of a tenth of the rows'.padEnd(36)}${'CPU ms'.padStart(8)}${'× scan'.padStart(8)}`,
  )
  for (const [name, ms] of sorted)
    console.log(`${name.padEnd(36)}${ms.toFixed(0).padStart(8)}${(ms / scanMs).toFixed(2).padStart(8)}`)
  const worst = Math.max(...costs.map(([, ms]) => ms / scanMs))
  const share = saving.changedMs / saving.wholeMs
  console.log(
    `\nmeasuring a spoiled batch of ${BATCH_ROWS.toLocaleString('en')} rows, all corruptions: ${saving.changedMs.toFixed(0)} ms for what changed, ${saving.wholeMs.toFixed(0)} ms for everything (${(100 * share).toFixed(0)} %)`,
  )
  console.log(
    JSON.stringify({
      worstOverScan: Number(worst.toFixed(3)),
      kinds: costs.length,
      scanMs: Math.round(scanMs),
      changedOverWhole: Number(share.toFixed(3)),
    }),
  )
}
