import { existsSync } from 'node:fs'
import { exactDuplicates } from '../src/corruption/exact-duplicates.ts'
import { explicitNulls } from '../src/corruption/explicit-nulls.ts'
import { qwertyTypo } from '../src/corruption/qwerty-typo.ts'
import { spoil } from '../src/corruption/spoil.ts'
import { FiableError } from '../src/data/errors.ts'
import { type Metric, seriesKey } from '../src/data/metric.ts'
import { createTableScorer } from '../src/detectors/table-scorer.ts'
import { openEngine } from '../src/engines/duckdb.ts'
import { random, randomNormal } from '../src/math/random.ts'
import { rehearse, type Stand } from '../src/monitor/rehearsal.ts'
import { flightsTable } from './flights.ts'
import { retailFile, retailTable } from './retail.ts'
import type { TwinTable } from './twins/job.ts'

/** Batches known before the one that is judged; the last is what the others are compared with. */
const KNOWN = [1, 2, 5, 10, 60] as const
const FRACTIONS = [0.1, 0.3] as const
const SEEDS = [1, 2, 3, 4] as const
/** Histories that start later give more first batches. */
const STARTS = [0, 25, 50, 75, 100] as const
/** A two-sided test at 1 %. */
const ONE_PERCENT = 2.5758

/**
 * How much of what a monitor catches after 60 batches it catches after 1, 2, 5 and 10: nulls, duplicates and format errors
 * in a tenth of the rows and more, on the flights and on Retail; and the false alarms of a metric after one to eight
 * batches, where batches differ 0, 1 and 3 times as much as their samples.
 */
export async function run(args: readonly string[]): Promise<void> {
  const tables = [
    flightsTable(),
    ...(existsSync(retailFile) && !args.includes('--quick') ? [retailTable] : []),
  ]
  const caught = new Map<number, number[]>(KNOWN.map((known) => [known, []]))
  for (const table of tables)
    for (const start of STARTS.slice(0, args.includes('--quick') ? 2 : STARTS.length))
      await catchFrom(table, start, caught)
  const rateOf = (known: number): number => {
    const all = caught.get(known)!
    return all.reduce((sum, each) => sum + each, 0) / all.length
  }
  const full = rateOf(60)
  const recallShare = Object.fromEntries(
    KNOWN.slice(0, -1).map((known) => [String(known), Number((rateOf(known) / full).toFixed(3))]),
  )
  for (const known of KNOWN)
    console.log(
      `after ${String(known).padStart(2)} batches: ${(100 * rateOf(known)).toFixed(1)} % of ${caught.get(known)!.length} faults`,
    )
  const falseAlarms = Object.fromEntries(
    [0, 1, 3].map((ratio) => [`r${ratio}`, Number(worstFalseAlarms(ratio).toFixed(4))]),
  )
  console.log(`false alarms per metric at 1 %, worst of 1 to 8 batches: ${JSON.stringify(falseAlarms)}`)
  console.log('Not measured: other faults, smaller ones, tables of other shapes.')
  console.log(JSON.stringify({ recallShare, recallAt60: Number(full.toFixed(3)), falseAlarms }))
}

async function catchFrom(
  table: TwinTable,
  start: number,
  caught: ReadonlyMap<number, number[]>,
): Promise<void> {
  const engine = await openEngine({ threads: 1 })
  process.stderr.write(`${table.name} from batch ${start}\n`)
  try {
    let place = 0
    for await (const stand of rehearse(from(table.batches(engine), start), { alerts: 1, per: 'week' })) {
      caught.get(place)?.push(...(await faultsCaught(stand, table)))
      if (place++ === 60) break
    }
  } finally {
    engine.close()
  }
}

async function* from<T>(items: AsyncIterable<T>, start: number): AsyncGenerator<T> {
  let place = 0
  for await (const item of items) if (place++ >= start) yield item
}

async function faultsCaught(stand: Stand, { numbers, texts }: TwinTable): Promise<readonly number[]> {
  const plans = [
    ...[...numbers, ...texts].map((column) => ({ corruption: explicitNulls, columns: [column] })),
    ...texts.map((column) => ({ corruption: qwertyTypo, columns: [column] })),
    { corruption: exactDuplicates, columns: [] },
  ]
  const trials = plans.flatMap((plan) =>
    FRACTIONS.flatMap((fraction) => SEEDS.map((seed) => ({ ...plan, fraction, seed }))),
  )
  const rings: number[] = []
  for (const trial of trials) rings.push(...(await ringsAt(stand, trial)))
  return rings
}

async function ringsAt(stand: Stand, plan: Parameters<typeof spoil>[1]): Promise<readonly number[]> {
  try {
    const { table } = spoil(stand.batch.sample, plan, stand.previous)
    return [Number((await stand.judge({ ...table, of: table.rows })).isAlert)]
  } catch (thrown) {
    if (thrown instanceof FiableError && thrown.code === 'NO_EFFECT') return []
    throw thrown
  }
}

/** Largest fraction of good values outside 1 % limits after 1, 2, 5 and 8 batches. */
function worstFalseAlarms(ratio: number): number {
  return Math.max(...[1, 2, 5, 8].map((known) => falseAlarmsAfter(known, ratio)))
}

const UNIT = 20
const SERIES = 30
const TABLES = 100

function falseAlarmsAfter(known: number, ratio: number): number {
  const draw = random(`cold start bench ${ratio} ${known}`)
  const sd = UNIT * Math.sqrt(1 + ratio * ratio)
  const metrics = (): Metric[] =>
    Array.from({ length: SERIES }, (_, i) => metricOf(i, sd * randomNormal(draw)))
  let outside = 0
  for (let table = 0; table < TABLES; table++) {
    const scorer = createTableScorer({
      withinVariance: new Map(metrics().map((metric) => [seriesKey(metric), UNIT ** 2])),
    })
    for (let k = 0; k < known; k++) scorer.learn({ startMs: null, metrics: metrics() })
    const { series } = scorer.score({ startMs: null, metrics: metrics() })
    outside += series.filter(({ z }) => Math.abs(z) > ONE_PERCENT).length
  }
  return outside / (SERIES * TABLES)
}

const metricOf = (i: number, value: number): Metric => ({
  name: `m${i}`,
  dimension: 'integrity',
  entity: 'column',
  instance: 'a',
  columns: ['a'],
  value,
  scale: 'level',
  side: 'both',
  support: 1000,
})
