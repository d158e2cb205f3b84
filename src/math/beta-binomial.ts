import { logGamma } from './gamma.ts'

/** Successes of some trials whose chance is itself drawn from a beta distribution. */
export interface BetaBinomial {
  /** Trials, a whole number ≥ 0. */
  readonly trials: number
  /** Parameters of the beta, both > 0. */
  readonly a: number
  readonly b: number
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

/** ln of the chance of `hits` successes among `trials`, 0 ≤ hits ≤ trials; both may be fractions of trials. */
export const betaBinomialLogMass = (hits: number, { trials, a, b }: BetaBinomial): number =>
  logBeta(hits + a, trials - hits + b) -
  logBeta(a, b) -
  Math.log(trials + 1) -
  logBeta(hits + 1, trials - hits + 1)

/**
 * The smallest range of successes with at most `outside / 2` of the chance on either side.
 *
 * @param outside - In (0, 1), 0.05 by default for a 95 % range.
 * @see Skellam (1948), A probability distribution derived from the binomial, JRSS B 10(2).
 */
export function betaBinomialRange(
  distribution: BetaBinomial,
  outside = 0.05,
): { readonly low: number; readonly high: number } {
  const { trials } = distribution
  const mass = Array.from({ length: trials + 1 }, (_, hits) =>
    Math.exp(betaBinomialLogMass(hits, distribution)),
  )
  let low = 0
  for (let below = mass[0]!; below <= outside / 2 && low < trials; below += mass[low]!) low++
  let high = trials
  for (let above = mass[trials]!; above <= outside / 2 && high > low; above += mass[high]!) high--
  return { low, high }
}
