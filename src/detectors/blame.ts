import type { Dimension } from '../data/dimension.ts'
import type { Metric } from '../data/metric.ts'
import type { SeriesScore } from './series-scorer.ts'

/** A series this close to the most surprising one may be the cause of it. */
const CLOSE = 0.75

const OF_WHOLE_ROWS = new Set(['duplicateFraction', 'repeatedFromPastFraction', 'knownKeyFraction'])
const OF_DECIMALS = /^(whole|oneDecimal|twoDecimals|moreDecimals)Fraction$/

/**
 * How directly a metric shows a cause, 0 first: values of another column, then what is missing or doubled, then how
 * values are written, then how often they occur, then how columns agree, which every other fault disturbs.
 */
function directness({ name, dimension, entity }: Metric): number {
  if (name === 'strayValueFraction') return 0
  if (dimension === 'completeness' || OF_WHOLE_ROWS.has(name)) return 1
  if (entity === 'pair' || dimension === 'consistency') return 5
  // What becomes of decimals when numbers change tells less than the numbers.
  if (OF_DECIMALS.test(name)) return 4
  return dimension === 'conformity' ? 2 : 3
}

/**
 * The series that names the cause: among those nearly as surprising as the first, the most direct one.
 *
 * A column emptied breaks patterns, frequencies and pairs as well; only its nulls say what happened.
 */
export function cause(series: readonly SeriesScore[]): SeriesScore | null {
  const most = series.reduce((top, { surprise }) => Math.max(top, surprise), 0)
  if (most === 0) return null
  return series
    .filter(({ surprise }) => surprise >= CLOSE * most)
    .reduce((best, each) => (isMoreDirect(each, best) ? each : best))
}

function isMoreDirect(a: SeriesScore, b: SeriesScore): boolean {
  const difference = directness(a.metric) - directness(b.metric)
  return difference < 0 || (difference === 0 && a.surprise > b.surprise)
}

/** The dimension that a batch is blamed on; null when nothing is unusual. */
export const blamedDimension = (series: readonly SeriesScore[]): Dimension | null =>
  cause(series)?.metric.dimension ?? null
