import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Engine, openEngine, quoteText } from '../src/engines/duckdb.ts'
import { type Dataset, open } from '../src/monitor/project.ts'
import type { RootCause } from '../src/monitor/root-cause.ts'

/** Batches that teach what is normal. */
const CLEAN = 10
const CATEGORIES = 8

/** A fault planted in one segment, and what to find. */
interface Planted {
  readonly name: string
  /** SQL of the spoiled columns, by name. */
  readonly spoiled: Readonly<Record<string, string>>
  /** The segment's columns, or the column. */
  readonly columns: readonly string[]
  readonly kind: RootCause['kind']
}

const where = (conditions: readonly string[], spoiled: string, column: string): string =>
  `case when ${conditions.join(' and ')} then ${spoiled} else ${column} end`

const segment = (name: string, conditions: readonly string[], column: string, value: string): Planted => ({
  name,
  spoiled: { [column]: where(conditions, value, column) },
  columns: conditions.map((condition) => condition.split(' ')[0]!),
  kind: 'segment',
})

const planted: readonly Planted[] = [
  segment('nulls in one shop', [`c1 = 'c1-3'`], 'n2', 'null'),
  segment('×100 in one shop', [`c2 = 'c2-5'`], 'n3', 'n3 * 100'),
  segment('nulls in one shop of one kind', [`c1 = 'c1-1'`, `c4 = 'c4-2'`], 'n5', 'null'),
  segment('a new code in one shop', [`c3 = 'c3-6'`], 'c6', `'??'`),
  segment('placeholder in one shop of one kind', [`c2 = 'c2-0'`, `c5 = 'c5-1'`], 'n7', '99999'),
  segment('capitals in one kind', [`c5 = 'c5-4'`], 'c6', 'upper(c6)'),
  {
    name: 'nulls anywhere',
    spoiled: { n4: where(['hash(i, 7) % 5 = 0'], 'null', 'n4') },
    columns: ['n4'],
    kind: 'column',
  },
  {
    name: '×10 anywhere',
    spoiled: { n6: where(['hash(i, 9) % 4 = 0'], 'n6 * 10', 'n6') },
    columns: ['n6'],
    kind: 'column',
  },
]

/**
 * How fast the cause of an alert is found, and whether it is the planted one: faults in one segment or in one column of
 * tables of 1,000,000 × 20 (`--quick`: 100,000), found through the store as a user would.
 */
export async function run(args: readonly string[]): Promise<void> {
  const rows = args.includes('--quick') ? 100_000 : 1_000_000
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-rootcause-'))
  try {
    await writeBatches(path.join(folder, 'data'), rows)
    const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
    const dataset = await project.dataset('planted', { data: 'data/*.parquet', atMost: '1/month' })
    process.stderr.write('judging…\n')
    await dataset.check({ labelOf: ({ key }) => (key.includes('spoiled') ? 'planted' : null) })
    await report(dataset, rows)
    await project.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function report(dataset: Dataset, rows: number): Promise<void> {
  const times: number[] = []
  const ranks: (number | null)[] = []
  for (const [i, fault] of planted.entries()) {
    const before = performance.now()
    const causes = await dataset.rootCauses(`spoiled-${i}.parquet`)
    times.push((performance.now() - before) / 1000)
    const rank = causes.findIndex((cause) => isPlanted(cause, fault))
    ranks.push(rank < 0 ? null : rank + 1)
    console.log(
      `${fault.name.padEnd(38)} ${String(ranks[i] ?? '–').padStart(2)}   ${times[i]!.toFixed(2)} s   ${causes[0]?.message ?? 'nothing found'}`,
    )
  }
  const within = (most: number): number =>
    ranks.filter((rank) => rank !== null && rank <= most).length / ranks.length
  const seconds = Math.max(...times)
  console.log(
    `${rows.toLocaleString('en')} rows × 20 columns; slowest ${seconds.toFixed(2)} s. Found first ${within(1)}, among the first three ${within(3)}.`,
  )
  console.log(
    'Not measured: causes in more than two conditions, in ranges of numbers, or in fewer rows than the kept sample shows.',
  )
  console.log(JSON.stringify({ seconds, top1: within(1), top3: within(3), rows }))
}

const isPlanted = (cause: RootCause, { columns, kind }: Planted): boolean =>
  (cause.kind === kind || (kind === 'column' && cause.kind === 'rows')) &&
  cause.columns.length === columns.length &&
  columns.every((column) => cause.columns.includes(column))

async function writeBatches(folder: string, rows: number): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const engine = await openEngine()
  try {
    for (let batch = 0; batch < CLEAN; batch++)
      await writeBatch(engine, path.join(folder, `clean-${batch}.parquet`), { rows, batch, spoiled: {} })
    for (const [i, { spoiled }] of planted.entries())
      await writeBatch(engine, path.join(folder, `spoiled-${i}.parquet`), { rows, batch: CLEAN + i, spoiled })
  } finally {
    engine.close()
  }
}

async function writeBatch(
  engine: Engine,
  file: string,
  {
    rows,
    batch,
    spoiled,
  }: { readonly rows: number; readonly batch: number; readonly spoiled: Planted['spoiled'] },
): Promise<void> {
  const categories = Array.from(
    { length: 10 },
    (_, c) => `'c${c}-' || (hash((i * 64 + ${c}) * 1009 + ${batch}) % ${CATEGORIES}) as c${c}`,
  )
  const numbers = Array.from(
    { length: 10 },
    (_, n) =>
      `round(100 * ${n + 1} + 10 * ((hash((i * 64 + ${20 + n}) * 1009 + ${batch}) % 2000) / 1000.0 - 1), 2) as n${n}`,
  )
  const replaced = Object.entries(spoiled).map(([column, sql]) => `${sql} as ${column}`)
  const replace = replaced.length > 0 ? `replace (${replaced.join(', ')})` : ''
  await engine.run(
    `copy (select * exclude (i) from (select * ${replace} from (select i, ${[...categories, ...numbers].join(', ')} from range(${rows}) as r(i)))) to ${quoteText(file)}`,
  )
}
