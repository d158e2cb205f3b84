import { quantile } from './quantile.ts'

/** Middle value; the mean of the two middle ones when even in number; NaN when empty. */
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5)

/** 1/Φ⁻¹(¾): makes the median absolute deviation estimate σ of a normal. */
export const MAD_TO_SIGMA = 1.482602218505602

/** Median distance to the median, unscaled; multiply by `MAD_TO_SIGMA` for a standard deviation. NaN when empty. */
export function medianAbsoluteDeviation(values: ArrayLike<number>): number {
  const middle = median(values)
  return median(Float64Array.from(values, (value) => Math.abs(value - middle)))
}

/**
 * Mean after the lowest and highest ⌊fraction·n⌋ values are replaced by their inner neighbours; NaN when empty.
 *
 * @see Tukey (1962), The future of data analysis. Ann. Math. Stat. 33, §14.
 */
export function winsorisedMean(values: ArrayLike<number>, fraction: number): number {
  const sorted = Float64Array.from(values).sort()
  const replaced = Math.min(Math.floor(fraction * sorted.length), (sorted.length - 1) >> 1)
  let sum = 0
  for (let i = 0; i < sorted.length; i++)
    sum += sorted[Math.min(Math.max(i, replaced), sorted.length - 1 - replaced)]!
  return sum / sorted.length
}
