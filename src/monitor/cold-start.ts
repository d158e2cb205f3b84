import { type Metric, seriesKey } from '../data/metric.ts'
import type { RowSample } from '../data/profile.ts'
import { stationarise } from '../detectors/stationarise.ts'
import { random, sampleWithoutReplacement, shuffled } from '../math/random.ts'
import { emptyHistory } from '../profile/history.ts'
import { measure } from '../profile/measure.ts'
import { profileSample } from '../profile/profile-sample.ts'
import { takeRows } from '../profile/take-rows.ts'
import { viewBatch } from '../profile/view.ts'

/** Random samples drawn from the first batch. */
const GROUPS = 20
const MIN_GROUP_ROWS = 10
/** Rows drawn from: a variance over 20 groups is as uncertain with more. */
const MAX_ROWS = 4000
/** A first batch cut by its own dates is telling from this many pieces on. */
const MIN_PIECES = 4
const DAY_MS = 86_400_000
/** Variances up to here are those of last digits: a constant metric tells nothing of days. */
const ROUNDING = 1e-20

/** What the first batch alone tells of how much its metrics vary. */
export interface ColdStart {
  /** Per series: variance of the stationarised value due to sampling alone, for a batch of this size. */
  readonly withinVariance: ReadonlyMap<string, number>
  /** Standard deviation between batches over the one within, from the batch cut by its own dates; null when it has none. */
  readonly betweenRatio: number | null
}

/**
 * Cuts the first batch into random samples, and by its own dates when it has any, to say how much metrics vary
 * before a second batch exists.
 *
 * Random groups give the sampling variance only: batches differ by more, which `betweenRatio` measures when it can.
 *
 * @param whole - What the batch as a whole measures, so that its scales need not be found again.
 * @see Wolter (2007), Introduction to Variance Estimation, ch. 2, the random group method.
 */
export function coldStart(first: RowSample, whole: readonly Metric[] = metricsOf(first)): ColdStart {
  if (first.rows < GROUPS * MIN_GROUP_ROWS) return { withinVariance: new Map(), betweenRatio: null }
  const sample = first.rows > MAX_ROWS ? takeRows(first, someRows(first.rows)) : first
  const scales: Scales = new Map(whole.map((metric) => [seriesKey(metric), metric]))
  const groupVariance = variances(groupsOf(sample, randomGroups(sample.rows)), scales)
  const share = sample.rows / GROUPS / sample.of
  const withinVariance = new Map([...groupVariance].map(([key, variance]) => [key, variance * share]))
  return { withinVariance, betweenRatio: betweenRatio(sample, scales, { groupVariance, withinVariance }) }
}

/** Per series the scale it has in the batch as a whole: on a frame of its own, each group would look like all others. */
type Scales = ReadonlyMap<string, Scaled>
type Scaled = Pick<Metric, 'scale' | 'frame'>

const someRows = (rows: number): Uint32Array =>
  Uint32Array.from(sampleWithoutReplacement(rows, MAX_ROWS, random('cold start rows')))

function randomGroups(rows: number): readonly Uint32Array[] {
  const order = shuffled([...Array(rows).keys()], random('cold start'))
  return Array.from({ length: GROUPS }, (_, group) => {
    const length = Math.ceil((rows - group) / GROUPS)
    return Uint32Array.from({ length }, (_, i) => order[GROUPS * i + group]!).sort()
  })
}

const groupsOf = (sample: RowSample, groups: readonly Uint32Array[]): readonly Metric[][] =>
  groups.map((rows) => metricsOf(sample, rows))

/** What rows measure when nothing came before them. */
const metricsOf = (sample: RowSample, rows?: Uint32Array): Metric[] =>
  measure(
    viewBatch({ key: '', startMs: null, endMs: null }, profileSample(sample, rows), sample),
    emptyHistory(),
  )

/** Variance of each series' stationarised value between the groups. */
function variances(groups: readonly (readonly Metric[])[], scales: Scales): Map<string, number> {
  const series = new Map<string, { readonly scale: Scaled | undefined; readonly values: number[] }>()
  for (const metrics of groups)
    for (const metric of metrics) {
      const key = seriesKey(metric)
      let one = series.get(key)
      if (!one) series.set(key, (one = { scale: scales.get(key), values: [] }))
      one.values.push(stationarise(metric.value, one.scale ?? metric))
    }
  return new Map(
    [...series]
      .filter(([, { values }]) => values.length >= MIN_PIECES)
      .map(([key, { values }]) => [key, variance(values)]),
  )
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
}

/** Median over the series of sd between days over sd within, at the size of the batch; null without enough days. */
function betweenRatio(
  sample: RowSample,
  scales: Scales,
  {
    groupVariance,
    withinVariance,
  }: {
    readonly groupVariance: ReadonlyMap<string, number>
    readonly withinVariance: ReadonlyMap<string, number>
  },
): number | null {
  const pieces = piecesByDay(sample)
  if (pieces.length < MIN_PIECES) return null
  const pieceRows = pieces.reduce((sum, rows) => sum + rows.length, 0) / pieces.length
  const scale = sample.rows / GROUPS / pieceRows
  const ratios = [...variances(groupsOf(sample, pieces), scales)].flatMap(([key, between]) => {
    const noise = (groupVariance.get(key) ?? 0) * scale
    const base = withinVariance.get(key) ?? 0
    return base > ROUNDING ? [Math.sqrt(Math.max(0, between - noise) / base)] : []
  })
  ratios.sort((a, b) => a - b)
  const median = ratios[Math.floor(ratios.length / 2)]
  return median === undefined ? null : Math.min(5, Math.max(1, median))
}

function piecesByDay(sample: RowSample): readonly Uint32Array[] {
  const column = sample.columns.find(({ column }) => column.storage === 'time')
  if (!column) return []
  const days = new Map<number, number[]>()
  for (let row = 0; row < sample.rows; row++) {
    if (column.codes[row] === 0) continue
    const day = Math.floor((column.values[column.codes[row]! - 1] as number) / DAY_MS)
    const rows = days.get(day)
    if (rows) rows.push(row)
    else days.set(day, [row])
  }
  return [...days.values()]
    .filter((rows) => rows.length >= MIN_GROUP_ROWS)
    .map((rows) => Uint32Array.from(rows))
}
