/** Degrees of freedom that the prior guess of a series' variance counts for, when its variance within is known. */
const PRIOR_DEGREES = 3
/** The same when not even that is known, and the guess is the materiality floor: limits are then very wide at first. */
const BLIND_PRIOR_DEGREES = 1
/** Between-batch over within-batch standard deviation, guessed until three batches tell. */
export const GUESSED_RATIO = 2
/** Batches learnt from which the ratio is read off the table's own series. */
const POOL_FROM = 3
/** Series that the guess counts for when ratios are pooled. */
const GUESS_WEIGHT = 3
/** One wild series must not widen all others. */
const LARGEST_SQUARED_RATIO = 100
/** Residuals up to which the prior counts fully, and from which it counts no more. */
const FADE = [8, 20] as const
const MOST_DEGREES = 40

/** What is known of a series' spread: residuals learnt, their mean square, and the variance sampling alone gives. */
export interface Spread {
  readonly residuals: number
  readonly meanSquare: number
  readonly within: number
  /** False when `within` is a guess. */
  readonly isWithinKnown: boolean
}

/** Degrees of freedom left to the prior: 3 at first (1 when it is blind), 0 once 20 residuals speak for themselves. */
export function priorDegrees(residuals: number, isWithinKnown: boolean): number {
  const faded = (FADE[1] - residuals) / (FADE[1] - FADE[0])
  return (isWithinKnown ? PRIOR_DEGREES : BLIND_PRIOR_DEGREES) * Math.min(1, Math.max(0, faded))
}

/**
 * Variance of a series' next residual (before the uncertainty of its centre), and the degrees of freedom of the t by
 * which to judge it.
 *
 * max(within, (ν₀·within·(1 + r²) + residuals·meanSquare)/(ν₀ + residuals)): random samples of one file know the spread
 * within batches only; limits from that alone ring on half of all good batches when the spread between batches is
 * three times larger, so the unknown ratio r enters as a prior worth ν₀ = 3 observations.
 *
 * @param squaredRatio - r², see `pooledSquaredRatio`.
 * @see Gelman et al. (2013), Bayesian Data Analysis, §2.6: the scaled inverse-χ² prior of a variance.
 */
export function coldStartVariance(
  { residuals, meanSquare, within, isWithinKnown }: Spread,
  squaredRatio: number,
): { readonly variance: number; readonly degrees: number } {
  const prior = priorDegrees(residuals, isWithinKnown)
  const degrees = Math.min(prior + residuals, MOST_DEGREES)
  const pooled =
    (prior * within * (1 + squaredRatio) + residuals * meanSquare) / Math.max(prior + residuals, 1)
  return { variance: Math.max(within, pooled), degrees }
}

/**
 * r²: how much larger the variance between batches is than within, over all series of the table that know both.
 *
 * @param options.known - Batches learnt; below three the guess stands.
 * @param options.guess - r as guessed, or as measured on pseudo-batches; later it counts as three more series.
 */
export function pooledSquaredRatio(
  spreads: Iterable<Spread>,
  options: { readonly known: number; readonly guess: number },
): number {
  const guess = options.guess * options.guess
  if (options.known < POOL_FROM) return guess
  let sum = GUESS_WEIGHT * guess
  let weight = GUESS_WEIGHT
  for (const { residuals, meanSquare, within, isWithinKnown } of spreads) {
    if (residuals < POOL_FROM - 1 || within <= 0 || !isWithinKnown) continue
    sum += Math.min(Math.max(meanSquare / within - 1, 0), LARGEST_SQUARED_RATIO)
    weight += 1
  }
  return sum / weight
}
