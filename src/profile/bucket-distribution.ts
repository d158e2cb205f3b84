import type { ColumnProfile, NumberProfile } from '../data/profile.ts'
import { bucketMiddle } from './number-shape.ts'

/** A weighted sample: values ascending, rows per value. */
export interface Distribution {
  readonly values: Float64Array
  readonly counts: Float64Array
  readonly total: number
}

/** The middles of the buckets, ascending, with their rows. */
export function distributionOf(buckets: NumberProfile['buckets']): Distribution {
  const order = buckets.index
    .map((index, i) => ({ value: bucketMiddle(index), count: buckets.count[i]! }))
    .sort((a, b) => a.value - b.value)
  const counts = Float64Array.from(order, (entry) => entry.count)
  return {
    values: Float64Array.from(order, (entry) => entry.value),
    counts,
    total: counts.reduce((sum, count) => sum + count, 0),
  }
}

/** The values themselves when all are kept, the buckets otherwise. */
export function exactDistribution({ frequencies, number }: ColumnProfile): Distribution {
  if (frequencies.level > 0 || !number) return distributionOf(number?.buckets ?? { index: [], count: [] })
  const values = frequencies.values as readonly number[]
  const order = values
    .map((_, i) => i)
    .filter((i) => Number.isFinite(values[i]!))
    .sort((a, b) => values[a]! - values[b]!)
  const counts = Float64Array.from(order, (i) => frequencies.counts[i]!)
  return {
    values: Float64Array.from(order, (i) => values[i]!),
    counts,
    total: counts.reduce((sum, count) => sum + count, 0),
  }
}

/**
 * Mean of the values around a quantile, from half as far out to half as far in: the 5th percentile is the mean between
 * the 2.5th and the 7.5th, so that it moves smoothly in columns of few values, where a quantile jumps.
 */
export function smoothQuantile({ values, counts, total }: Distribution, probability: number): number {
  const reach = Math.min(probability, 1 - probability) / 2
  const [from, to] = [(probability - reach) * total, (probability + reach) * total]
  let below = 0
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const rows = Math.min(to, below + counts[i]!) - Math.max(from, below)
    if (rows > 0) sum += rows * values[i]!
    below += counts[i]!
  }
  return sum / (to - from)
}

/** The smallest value with at least `probability` of the rows at or below it. */
export function quantileOf({ values, counts, total }: Distribution, probability: number): number {
  const need = Math.max(1, probability * total)
  let rows = 0
  for (let i = 0; i < values.length; i++) {
    rows += counts[i]!
    if (rows >= need) return values[i]!
  }
  return values.at(-1) ?? Number.NaN
}
