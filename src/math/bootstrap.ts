import { quantileOfSorted } from './quantile.ts'
import { random, randomInteger } from './random.ts'

/** A statistic with the interval it is known to. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

const RESAMPLES = 400

/**
 * A statistic of two samples with its 95 % percentile interval: both are drawn anew with replacement, each on its own.
 *
 * Same seed, same interval. Too narrow below about ten values in a sample; NaN where the statistic is.
 *
 * @param statistic - Called with the samples, then with each of 400 drawn pairs of the same sizes.
 * @see Efron and Tibshirani (1993), An introduction to the bootstrap, ch. 8.3 (two samples) and 13 (percentiles).
 */
export function bootstrap(
  samples: readonly [readonly number[], readonly number[]],
  statistic: (first: readonly number[], second: readonly number[]) => number,
  seed: number | string,
): Interval {
  const value = statistic(...samples)
  if (Number.isNaN(value)) return { value, low: Number.NaN, high: Number.NaN }
  const draw = random(seed)
  const resampled = (values: readonly number[]): number[] =>
    values.map(() => values[randomInteger(draw, 0, values.length)]!)
  const drawn = Float64Array.from({ length: RESAMPLES }, () =>
    statistic(resampled(samples[0]), resampled(samples[1])),
  ).sort()
  return {
    value,
    low: Math.min(value, quantileOfSorted(drawn, 0.025)),
    high: Math.max(value, quantileOfSorted(drawn, 0.975)),
  }
}
