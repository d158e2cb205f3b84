/** A proportion with the interval it is known to. */
export interface Proportion {
  readonly hits: number
  readonly trials: number
  /** hits / trials; NaN without trials. */
  readonly rate: number
  readonly low: number
  readonly high: number
}

/** Normal quantile of a two-sided 95 % interval. */
const Z95 = 1.959963984540054

/**
 * A proportion with its 95 % Wilson score interval, which keeps its coverage for few trials and for rates near 0 or 1.
 *
 * @param hits - Successes, 0 ≤ hits ≤ trials.
 * @returns The whole [0, 1] without trials.
 * @see Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22(158).
 */
export function wilson(hits: number, trials: number): Proportion {
  if (trials === 0) return { hits, trials, rate: Number.NaN, low: 0, high: 1 }
  const rate = hits / trials
  const shrink = 1 + Z95 ** 2 / trials
  const center = (rate + Z95 ** 2 / (2 * trials)) / shrink
  const reach = (Z95 * Math.sqrt((rate * (1 - rate)) / trials + Z95 ** 2 / (4 * trials ** 2))) / shrink
  // At the ends the bounds are 0 and 1 exactly, which rounding misses.
  const low = hits === 0 ? 0 : Math.max(0, center - reach)
  const high = hits === trials ? 1 : Math.min(1, center + reach)
  return { hits, trials, rate, low, high }
}
