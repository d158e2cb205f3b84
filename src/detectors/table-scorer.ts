import type { Dimension } from '../data/dimension.ts'
import type { Metric } from '../data/metric.ts'
import { seriesKey } from '../data/metric.ts'
import type { PerCase } from '../math/cases.ts'
import { GUESSED_RATIO, pooledSquaredRatio } from './cold-start.ts'
import { combine } from './combination.ts'
import { createPastCases, type Expectations, expectationsOf, type PastCases, remember } from './past-cases.ts'
import { SEASONS, seasonSlots } from './season.ts'
import { createSeriesBook } from './series-book.ts'
import type { SeriesScore, SeriesState, TableContext } from './series-scorer.ts'
import { createSeriesState, learnSeries, scoreSeries, spreadOf } from './series-scorer.ts'

export { limitsAt } from './limits-at.ts'
export type { SeriesScore } from './series-scorer.ts'

/** Raised whenever the same batches would be scored differently: scores of different versions do not compare. */
export const SCORER_VERSION = 2

/** One batch, measured. */
export interface Arrival {
  readonly metrics: readonly Metric[]
  /** First instant the batch covers (epoch ms), when known: day of week and hour (UTC) are read from it. */
  readonly startMs: number | null
}

/** How surprising one batch is, given the batches learnt before it. */
export interface BatchScore {
  readonly series: readonly SeriesScore[]
  /** Nats in [0, 40) per column; `''` is the table itself. A pair counts for both its columns. */
  readonly columns: ReadonlyMap<string, number>
  readonly dimensions: Readonly<Record<Dimension, number>>
  /** The largest of `columns`. */
  readonly table: number
  /** The strongest case of each size, in any column, and the worth each size was given. */
  readonly cases: PerCase
  /** What past batches make of scores; a guess before the seventh batch. */
  readonly expected: Expectations
  /** Batches learnt before this one. */
  readonly known: number
  /** True below 8 batches learnt: the limits rest mostly on a prior. */
  readonly provisional: boolean
}

/**
 * Scores the batches of one table causally: `score` looks at what was learnt and changes nothing, `learn` adds a batch.
 *
 * A batch is scored before it is learnt, so it is never part of its own baseline; one that is quarantined is not learnt.
 */
export interface TableScorer {
  score(arrival: Arrival): BatchScore
  learn(arrival: Arrival): void
  readonly known: number
  /** All that was learnt, as plain data; it goes on changing with what is learnt after. */
  state(): TableScorerState
}

/** What a scorer has learnt, to be stored and taken up again. */
export interface TableScorerState {
  readonly version: typeof SCORER_VERSION
  readonly series: readonly SeriesState[]
  /** Slots seen of each season. */
  readonly slotsSeen: readonly (readonly number[])[]
  readonly known: number
  readonly past: PastCases
}

export interface TableScorerOptions {
  readonly withinVariance?: ReadonlyMap<string, number>
  readonly betweenRatio?: number
  readonly learnt?: TableScorerState
}

/** Batches learnt from which a score is no longer provisional. */
const PROVISIONAL_BELOW = 8
/** Batches whose scores are not remembered: they rest on the prior. */
const UNSETTLED = 5
/** Different slots seen from which a season is told apart: two hours may be one hour and summer time. */
const SLOTS_NEEDED = [2, 3, 3] as const

/**
 * A scorer that knows nothing yet, or what one before it had learnt.
 *
 * Per metric: made stationary, forecast one step ahead, its residual turned into a normal deviate by the t of what is
 * known, and that into nats by the tail of the metric's own past deviates; then combined per column, dimension, table.
 * Arithmetic is +, −, ×, ÷, √ and own exponentials only: the same batches give the same bits on every machine.
 *
 * @param options.withinVariance - Per series key: variance of the stationarised metric between random samples of the
 *   first batch, scaled to the full batch's size.
 * @param options.betweenRatio - Standard deviation between batches over that within, when measured (pseudo-batches of
 *   the first file); else 2 is assumed. From three batches on the table's own series are pooled with it.
 * @param options.learnt - State of a scorer with the same other options, of this version; it is taken over, not copied.
 */
export function createTableScorer(options: TableScorerOptions = {}): TableScorer {
  const { learnt } = options
  const book = createSeriesBook()
  learnt?.series.forEach((state, place) => {
    book.add(state, place)
  })
  const slotsSeen = SEASONS.map((_, i) => new Set<number>(learnt?.slotsSeen[i]))
  const guess = options.betweenRatio ?? GUESSED_RATIO
  let known = learnt?.known ?? 0

  const past = learnt?.past ?? createPastCases()

  const contextOf = (arrival: Arrival): TableContext => ({
    slots: seasonSlots(arrival.startMs),
    squaredRatio: pooledSquaredRatio(Array.from(book.all(), spreadOf), { known, guess }),
  })

  const open = (metric: Metric, place: number): SeriesState => {
    const state = createSeriesState(metric, options.withinVariance?.get(seriesKey(metric)) ?? null)
    book.add(state, place)
    return state
  }

  const scoreIn = (context: TableContext, { metrics }: Arrival): BatchScore => {
    const series = metrics.map((metric, i) => scoreSeries(book.find(metric, i), metric, context))
    const expected = expectationsOf(past)
    return {
      series,
      ...combine(series, expected.worth),
      expected,
      known,
      provisional: known < PROVISIONAL_BELOW,
    }
  }

  return {
    get known() {
      return known
    },
    score: (arrival) => scoreIn(contextOf(arrival), arrival),
    learn(arrival) {
      const context = contextOf(arrival)
      if (known >= UNSETTLED) remember(past, scoreIn(context, arrival).cases)
      const learning = { ...context, active: activeSeasons(slotsSeen, context.slots) }
      arrival.metrics.forEach((metric, i) => {
        learnSeries(book.find(metric, i) ?? open(metric, i), metric, learning)
      })
      known += 1
    },
    state: () => ({
      version: SCORER_VERSION,
      series: [...book.all()],
      slotsSeen: slotsSeen.map((seen) => [...seen]),
      known,
      past,
    }),
  }
}

/** Notes the slots of a batch and tells which seasons its table tells apart. */
function activeSeasons(seen: readonly Set<number>[], slots: readonly number[]): readonly boolean[] {
  slots.forEach((slot, i) => {
    if (slot >= 0) seen[i]!.add(slot)
  })
  const [week, hour] = seen.map((set, i) => set.size >= SLOTS_NEEDED[i]!) as [boolean, boolean, boolean]
  return [week, hour, week && hour]
}
