import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Engine, openEngine, quoteText } from '../src/engines/duckdb.ts'
import { scan } from '../src/profile/scan.ts'
import { interleaved, median } from './cpu.ts'
import type { Once } from './profile-once.ts'
import { rawScanSql } from './raw-scan.ts'

const root = path.join(import.meta.dirname, '..')
const flights = path.join(root, 'node_modules/vega-datasets/data/flights-3m.parquet')
const retail = path.join(root, '../shared/data/online_retail.parquet')

/** A measured number beside what is asked of it. */
interface Result {
  readonly key: string
  readonly what: string
  readonly value: number
  readonly goal: number
}

const notMeasured = [
  'reading CSV or a database into Parquet, and metrics, history and scores after the profile',
  'more than one engine thread, cold disks, and machines with another cache',
  'the energy it takes',
]

/**
 * Measures the profile: CPU time, engine threads included, against a raw scan of the same file, and peak memory.
 *
 * `--quick` leaves out what takes minutes: 30 million rows, wide tables.
 */
export async function run(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick')
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  const engine = await openEngine({ threads: 1, tempFolder: folder })
  try {
    const results = [...(await onFlights(engine)), ...cold(), ...(await onRetail(engine))]
    if (!quick) results.push(...(await grown(engine, folder)), ...(await wide(engine, folder)))
    report(results, quick)
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function onFlights(engine: Engine): Promise<Result[]> {
  const raw = await rawScanSql(engine, flights)
  const times = await interleaved(
    {
      raw: () => engine.run(raw),
      profile: () => scan(engine, flights),
      summarize: () => engine.run(`summarize select * from ${quoteText(flights)}`),
    },
    7,
  )
  show('3 M flights, warm', times)
  return [
    {
      key: 'profileOverScan',
      what: 'profile / raw scan, 3 M flights',
      value: times.profile / times.raw,
      goal: 9,
    },
    {
      key: 'profileOverSummarize',
      what: "profile / DuckDB's SUMMARIZE",
      value: times.profile / times.summarize,
      goal: 0.4,
    },
  ]
}

function cold(): Result[] {
  const runs = Array.from({ length: 7 }, () => once(flights, 5))
  const value = median(runs.map((one) => one.cpuMs / one.rawMs!))
  return [{ key: 'profileOverScanCold', what: 'the same, first of a process', value, goal: 12 }]
}

async function onRetail(engine: Engine): Promise<Result[]> {
  if (!existsSync(retail)) {
    console.log('Online Retail is absent: retailOverScan is not measured.')
    return []
  }
  const raw = await rawScanSql(engine, retail)
  const times = await interleaved({ raw: () => engine.run(raw), profile: () => scan(engine, retail) }, 7)
  show('Online Retail, warm', times)
  return [
    {
      key: 'retailOverScan',
      what: 'profile / raw scan, Online Retail',
      value: times.profile / times.raw,
      goal: 8,
    },
  ]
}

/** Ten times the flights, each copy shifted so that its rows are new. */
async function grown(engine: Engine, folder: string): Promise<Result[]> {
  const file = path.join(folder, 'flights-30m.parquet')
  const select = `select date + to_days(k::int * 181) as date, delay + k % 3 as delay, distance, origin, destination from range(10) r(k), ${quoteText(flights)}`
  await engine.run(`copy (${select}) to ${quoteText(file)} (format parquet)`)
  const [small, large] = [once(flights), once(file)]
  rmSync(file)
  show('3 M, 30 M flights in new processes', { small: small.cpuMs, large: large.cpuMs })
  return [
    { key: 'rows30MOver3M', what: 'time of 30 M / 3 M flights', value: large.cpuMs / small.cpuMs, goal: 11 },
    { key: 'rssMb30M', what: 'peak memory, 30 M flights, MB', value: large.maxRssMb, goal: 1024 },
  ]
}

/** Columns of three kinds in turn: unique doubles, few integers, some texts. */
function columnSql(c: number): string {
  const draw = `hash(i * 1000 + ${c})`
  if (c % 3 === 0) return `(${draw} % 1000000007) / 1000 as c${c}`
  return c % 3 === 1 ? `(${draw} % 50)::int as c${c}` : `'v' || ${draw} % 2000 as c${c}`
}

async function makeWide(
  engine: Engine,
  file: string,
  [rows, columns]: readonly [number, number],
): Promise<void> {
  const list = Array.from({ length: columns }, (_, c) => columnSql(c)).join(', ')
  const copy = `copy (select ${list} from range(${rows}) t(i)) to ${quoteText(file)} (format parquet, row_group_size 20480)`
  await engine.run(copy)
}

async function wide(engine: Engine, folder: string): Promise<Result[]> {
  const measured: Once[] = []
  for (const [rows, columns] of [
    [50_000, 100],
    [50_000, 800],
    [356_251, 797],
  ] as const) {
    const file = path.join(folder, `wide-${rows}-${columns}.parquet`)
    await makeWide(engine, file, [rows, columns])
    measured.push(once(file))
    rmSync(file)
  }
  const [narrow, broad, large] = measured as [Once, Once, Once]
  show('50k × 100, 50k × 800, 356k × 797', { narrow: narrow.cpuMs, broad: broad.cpuMs, large: large.cpuMs })
  return [
    {
      key: 'columns800Over100',
      what: 'time of 800 / 100 columns',
      value: broad.cpuMs / narrow.cpuMs,
      goal: 9,
    },
    { key: 'rssMb356kx797', what: 'peak memory, 356,251 × 797, MB', value: large.maxRssMb, goal: 1024 },
  ]
}

/** Profiles a file in a process of its own, so that neither compiled code nor memory is inherited. */
function once(file: string, rawRounds = 0): Once {
  const script = path.join(import.meta.dirname, 'profile-once.ts')
  const child = spawnSync(process.execPath, [script, file, String(rawRounds)], { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(`profile-once failed on ${file}: ${child.stderr}`)
  return JSON.parse(child.stdout) as Once
}

function show(title: string, times: Readonly<Record<string, number>>): void {
  const list = Object.entries(times).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
  console.log(`${title}: ${list.join(', ')} of CPU`)
}

function report(results: readonly Result[], quick: boolean): void {
  console.log(`\n${'measure'.padEnd(40)}${'value'.padStart(9)}${'goal'.padStart(9)}`)
  for (const { what, value, goal } of results)
    console.log(
      `${what.padEnd(40)}${value.toFixed(2).padStart(9)}${`≤ ${goal}`.padStart(9)}  ${value <= goal ? 'met' : 'MISSED'}`,
    )
  if (quick) console.log('\n--quick: 30 M rows and wide tables were left out.')
  console.log(`\nNot measured: ${notMeasured.join('; ')}.`)
  const rounded = results.map(({ key, value }) => [key, Number(value.toFixed(3))])
  console.log(JSON.stringify(Object.fromEntries(rounded)))
}
