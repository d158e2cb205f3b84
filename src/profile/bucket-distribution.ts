import type { ColumnProfile } from '../data/profile.ts'
import { bucketMiddle } from './number-shape.ts'

/** A weighted sample: values ascending, rows per value. */
export interface Distribution {
  readonly values: Float64Array
  readonly counts: Float64Array
  readonly total: number
}

/** The middles of the buckets, ascending, with their rows. */
export function distributionOf(buckets: {
  readonly index: ArrayLike<number>
  readonly count: ArrayLike<number>
}): Distribution {
  const values = new Float64Array(buckets.index.length)
  for (let i = 0; i < values.length; i++) values[i] = bucketMiddle(buckets.index[i]!)
  return inOrder(values, new Float64Array(buckets.count))
}

/** The values themselves when all are kept, the buckets otherwise. */
export function exactDistribution({ frequencies, number }: ColumnProfile): Distribution {
  if (frequencies.level > 0 || !number) return distributionOf(number?.buckets ?? { index: [], count: [] })
  const values = new Float64Array(frequencies.values.length)
  const counts = new Float64Array(values.length)
  let size = 0
  for (let i = 0; i < values.length; i++) {
    const value = frequencies.values[i] as number
    if (!Number.isFinite(value)) continue
    values[size] = value
    counts[size++] = frequencies.counts[i]!
  }
  return inOrder(values.subarray(0, size), counts.subarray(0, size))
}

/** Sorted by value, which costs nothing when it is already: frequencies and positive buckets are. */
function inOrder(values: Float64Array, counts: Float64Array): Distribution {
  let isSorted = true
  let total = 0
  for (let i = 0; i < values.length; i++) {
    if (i > 0 && values[i]! < values[i - 1]!) isSorted = false
    total += counts[i]!
  }
  if (isSorted) return { values, counts, total }
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!)
  return {
    values: Float64Array.from(order, (i) => values[i]!),
    counts: Float64Array.from(order, (i) => counts[i]!),
    total,
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
  for (let i = 0; i < values.length && below < to; i++) {
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
