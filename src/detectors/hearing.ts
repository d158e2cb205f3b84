import type { HybridMember, HybridWeights } from '../data/hybrid.ts'
import type { MaterialityFloors } from '../data/materiality.ts'
import type { Metric } from '../data/metric.ts'
import type { PerCase } from '../math/cases.ts'
import { capSurprise, uncapSurprise } from '../math/surprise.ts'
import { type Combination, combine } from './combination.ts'
import type { SeriesScore } from './series-scorer.ts'
import { destationarise } from './stationarise.ts'

/** Raised whenever the same surprises would be heard differently. */
export const HEARING_VERSION = 1

/** Metrics that count values, and the metric of the same column that counts their rows. */
const ROWS_OF: Readonly<Record<string, string>> = {
  unseenDistinctFraction: 'unseenValueFraction',
  nearMissValueFraction: 'nearMissFraction',
  valueSpike: 'valueSpikeFraction',
}

/** Floors are given in tenths of a percent, and compared so: five rows in a thousand are half a percent, whatever was rounded. */
const STEP = 1000

/** A batch's surprises combined, with those left out that are not material. */
export interface Hearing extends Combination {
  /** The table's score with nothing left out. */
  readonly whole: number
  /** Series left out, by key, with the floor that each is below. */
  readonly belowFloor: ReadonlyMap<string, number>
}

/** How surprises are to be heard. */
export interface HearingSettings {
  readonly floors: MaterialityFloors
  readonly weights: HybridWeights
}

/** A batch's surprises as the scorer combined them, all of them and each once. */
export interface Scored extends Combination {
  readonly series: readonly SeriesScore[]
  readonly worth: PerCase
}

/**
 * Combines stored surprises: each counts as much as its member of the hybrid, and a share of rows that changed by no more
 * than its dimension's floor is not heard. A function of what is stored, so that both can be changed at any time.
 */
export function hearSeries(scored: Scored, { floors, weights }: HearingSettings): Hearing {
  const { series, worth } = scored
  const belowFloor = immaterialIn(series, floors)
  const counted = weigh(series, weights)
  const whole = counted === series ? scored : combine(counted, worth)
  if (belowFloor.size === 0) return hearing(whole, { whole: whole.table, belowFloor })
  const heard = counted.map((score) => (belowFloor.has(score.key) ? { ...score, surprise: 0 } : score))
  return hearing(combine(heard, worth), { whole: whole.table, belowFloor })
}

const hearing = (
  { columns, dimensions, table, cases }: Combination,
  rest: Pick<Hearing, 'whole' | 'belowFloor'>,
): Hearing => ({ columns, dimensions, table, cases, ...rest })

function weigh(series: readonly SeriesScore[], weights: HybridWeights): readonly SeriesScore[] {
  if (Object.keys(weights).length === 0) return series
  const weightOf = ({ metric }: SeriesScore): number => weights[memberOf(metric)] ?? 1
  // A drill tries weights of members that have nothing to say on most tables.
  if (series.every((score) => weightOf(score) === 1)) return series
  return series.map((score) => {
    const weight = weightOf(score)
    return weight === 1 ? score : { ...score, surprise: capSurprise(weight * uncapSurprise(score.surprise)) }
  })
}

const TWO_SAMPLE: ReadonlySet<string> = new Set(['ksDistance', 'wassersteinDistance', 'frequencyShift'])
/** Beginnings of the names of row metrics. */
const ROW_MEMBERS = [
  ['isolationForest', 'isolation-forest'],
  ['nearestNeighbours', 'nearest-neighbours'],
  ['frequencySurprise', 'frequency-surprise'],
  ['autoencoder', 'autoencoder'],
] as const

/** The member of the hybrid that a metric speaks for. */
export function memberOf({ name, entity }: Pick<Metric, 'name' | 'entity'>): HybridMember {
  if (entity === 'pair') return 'pair-charts'
  if (TWO_SAMPLE.has(name)) return 'two-sample'
  return (entity === 'table' && ROW_MEMBERS.find(([start]) => name.startsWith(start))?.[1]) || 'charts'
}

function immaterialIn(
  series: readonly SeriesScore[],
  floors: MaterialityFloors,
): ReadonlyMap<string, number> {
  const below = series.filter((score) => {
    const floor = floors[score.metric.dimension]
    return floor > 0 && score.surprise > 0 && isBelow(score, floor, series)
  })
  return below.length === 0
    ? NONE
    : new Map(below.map(({ key, metric }) => [key, floors[metric.dimension]] as const))
}

/** Whether what a series tells of is a share of rows that changed by no more than the floor. */
function isBelow(score: SeriesScore, floor: number, series: readonly SeriesScore[]): boolean {
  const { name, scale, instance } = score.metric
  const rows = ROWS_OF[name]
  if (rows === undefined)
    return scale === 'rate' && name.endsWith('Fraction') && isWithin(changedShare(score), floor)
  const counted = series.find(({ metric }) => metric.name === rows && metric.instance === instance)
  return counted !== undefined && isWithin(changedShare(counted), floor)
}

const NONE: ReadonlyMap<string, number> = new Map()

/** By how much a share of rows differs from what was expected, in [0, 1]; NaN while nothing is. */
const changedShare = ({ metric, center }: SeriesScore): number =>
  Math.abs(metric.value - destationarise(center, metric))

const isWithin = (share: number, floor: number): boolean =>
  Math.round(share * STEP) <= Math.round(floor * STEP)
