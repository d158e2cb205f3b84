/** The standard normal distribution. */

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI)

/** exp(−x²/2), with x split so that rounding x² does not cost digits far out. */
function bell(x: number): number {
  const coarse = Math.round(x * 16) / 16
  return Math.exp((-coarse * coarse) / 2) * Math.exp(((coarse - x) * (coarse + x)) / 2)
}

/** Density at x. */
export const normalDensity = (x: number): number => bell(x) / ROOT_TWO_PI

/** P(0 < X < x) = φ(x) Σ x^(2n+1)/(2n+1)!!: all terms of one sign. */
function centralMass(x: number): number {
  let term = x
  let sum = x
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (x * x) / n
    sum += term
  }
  return normalDensity(x) * sum
}

/** P(X > x) for x ≥ 2: Laplace's continued fraction φ(x)/(x + 1/(x + 2/(x + 3/(x + …)))), deep enough for its x. */
function upperTail(x: number): number {
  let floor = x
  for (let n = Math.ceil(800 / (x * x)) + 5; n >= 1; n--) floor = x + n / floor
  return normalDensity(x) / floor
}

/**
 * Upper tail P(X > x): relative error below 1e-14 down to the smallest doubles (x ≈ 37.5).
 *
 * @see Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.2.11 and 26.2.14.
 */
export function normalSf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x >= 2) return x > 39 ? 0 : upperTail(x)
  if (x <= -2) return x < -39 ? 1 : 1 - upperTail(-x)
  return 0.5 - centralMass(x)
}

/** Distribution function P(X ≤ x); as exact in the lower tail as `normalSf` in the upper. */
export const normalCdf = (x: number): number => normalSf(-x)

/**
 * The x with P(X ≤ x) = p, for p in [0, 1]; relative error below 1e-14 away from p = ½.
 *
 * Starts from Abramowitz and Stegun 26.2.23 (4.5e-4) and takes Halley steps on the tail.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p === 0) return Number.NEGATIVE_INFINITY
  const t = Math.sqrt(-2 * Math.log(p))
  let x =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  for (let step = 0; step < 3; step++) {
    const error = (normalSf(x) - p) / normalDensity(x)
    x += error / (1 - (x * error) / 2)
  }
  return p === 0.5 ? 0 : -x
}
