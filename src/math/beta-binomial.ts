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

/** The chance of 0, 1, … `trials` successes. */
export const betaBinomialMasses = (distribution: BetaBinomial): Float64Array =>
  Float64Array.from({ length: distribution.trials + 1 }, (_, hits) =>
    Math.exp(betaBinomialLogMass(hits, distribution)),
  )

/**
 * The smallest range of successes with at most `outside / 2` of the chance on either side.
 *
 * @param masses - The chance of 0, 1, … successes.
 * @param outside - In (0, 1), 0.05 by default for a 95 % range.
 * @see Skellam (1948), A probability distribution derived from the binomial, JRSS B 10(2).
 */
export function rangeOfMasses(
  masses: Float64Array,
  outside = 0.05,
): { readonly low: number; readonly high: number } {
  const last = masses.length - 1
  let low = 0
  for (let below = masses[0]!; below <= outside / 2 && low < last; below += masses[low]!) low++
  let high = last
  for (let above = masses[last]!; above <= outside / 2 && high > low; above += masses[high]!) high--
  return { low, high }
}
