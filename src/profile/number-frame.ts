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
  const absolute = sortedBy(distribution, Math.abs)
  const typical = quantileOf(absolute, 0.5)
  if (quantileOf(absolute, 0.999) / typical > 10 && 0.1 * typical > TINIEST)
    return { center: 0, spread: 0.1 * typical }
  const center = quantileOf(distribution, 0.5)
  const deviations = sortedBy(distribution, (value) => Math.abs(value - center))
  const spread = Math.max(1.4826 * quantileOf(deviations, 0.5), 0.2 * meanOf(deviations), SMALLEST * typical)
  return { center, spread: Math.min(Math.max(spread || SMALLEST, TINIEST), Number.MAX_VALUE) }
}

/** A value on the frame's scale. */
export const inFrame = ({ center, spread }: Frame, value: number): number =>
  Math.asinh((value - center) / spread)

function sortedBy({ values, counts, total }: Distribution, key: (value: number) => number): Distribution {
  const order = Array.from(values, (value, i) => ({ value: key(value), count: counts[i]! })).sort(
    (a, b) => a.value - b.value,
  )
  return {
    values: Float64Array.from(order, (entry) => entry.value),
    counts: Float64Array.from(order, (entry) => entry.count),
    total,
  }
}

function meanOf({ values, counts, total }: Distribution): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * counts[i]!
  return sum / total
}
