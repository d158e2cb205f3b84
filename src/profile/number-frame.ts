import type { Frame } from '../data/metric.ts'
import { type Distribution, quantileOf } from './bucket-distribution.ts'

/** Spread of a column without any, in its typical size; below it lies the noise of doubles. */
const SMALLEST = 1e-6
/** Below it, a thousandth of a spread loses its digits. */
const TINIEST = 1e-300

/**
 * Chooses the scale on which a column's quantiles are compared over time, linear near its centre and logarithmic far out,
 * so that one metric serves bounded and heavy-tailed columns: heavy tails are compressed around zero, others around the median.
 */
export function frameOf(distribution: Distribution): Frame {
  const absolute = distancesFrom(distribution, 0)
  const typical = quantileOf(absolute, 0.5)
  if (quantileOf(absolute, 0.999) / typical > 10 && 0.1 * typical > TINIEST)
    return { center: 0, spread: 0.1 * typical }
  const center = quantileOf(distribution, 0.5)
  const deviations = distancesFrom(distribution, center)
  const spread = Math.max(1.4826 * quantileOf(deviations, 0.5), 0.2 * meanOf(deviations), SMALLEST * typical)
  return { center, spread: Math.min(Math.max(spread || SMALLEST, TINIEST), Number.MAX_VALUE) }
}

/** A value on the frame's scale. */
export const inFrame = ({ center, spread }: Frame, value: number): number =>
  Math.asinh((value - center) / spread)

/** The distances of ascending values from a point, ascending: two walks away from it. */
function distancesFrom({ values, counts, total }: Distribution, point: number): Distribution {
  const size = values.length
  const distances = new Float64Array(size)
  const rows = new Float64Array(size)
  let above = 0
  while (above < size && values[above]! < point) above++
  for (let i = 0, below = above - 1; i < size; i++) {
    const isBelow = above === size || (below >= 0 && point - values[below]! <= values[above]! - point)
    const at = isBelow ? below-- : above++
    distances[i] = Math.abs(values[at]! - point)
    rows[i] = counts[at]!
  }
  return { values: distances, counts: rows, total }
}

function meanOf({ values, counts, total }: Distribution): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * counts[i]!
  return sum / total
}
