import type { WeightedSample } from './ecdf.ts'
import { sampleSize } from './ecdf.ts'

/**
 * Quantile of values sorted ascending, for p in [0, 1], by linear interpolation; NaN when empty.
 *
 * @see Hyndman and Fan (1996), Sample quantiles in statistical packages: definition 7, NumPy's default.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  const position = p * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[below + 1] ?? low
  return position === below ? low : low + (position - below) * (high - low)
}

/** Quantile of values in any order, which stay untouched; see `quantileOfSorted`. */
export const quantile = (values: ArrayLike<number>, p: number): number =>
  quantileOfSorted(Float64Array.from(values).sort(), p)

/** Smallest value of a weighted sample with at least the fraction p of observations at or below it; NaN when empty. */
export function weightedQuantile(sample: WeightedSample, p: number): number {
  const wanted = p * sampleSize(sample)
  let seen = 0
  for (let i = 0; i < sample.values.length; i++) {
    seen += sample.counts[i]!
    if (seen >= wanted && seen > 0) return sample.values[i]!
  }
  return Number.NaN
}
