/** Gamma and beta functions, with the distributions that rest on them. */

/** B₂ₖ/(2k(2k − 1)) of Stirling's series, k = 1…8. */
const STIRLING = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
] as const
const HALF_LN_TWO_PI = 0.9189385332046728

/**
 * ln Γ(x) for x > 0, absolute error below 1e-14·max(1, |ln Γ|).
 *
 * @see Abramowitz and Stegun (1964), 6.1.41, after shifting x above 10 by 6.1.15.
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN
  let product = 1
  let shifted = x
  for (; shifted < 10; shifted++) product *= shifted
  const inverseSquare = 1 / (shifted * shifted)
  let series = 0
  for (let k = STIRLING.length - 1; k >= 0; k--) series = series * inverseSquare + STIRLING[k]!
  return (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LN_TWO_PI + series / shifted - Math.log(product)
}

const TINY = 1e-300
const PRECISION = 1e-16

/** Lentz's evaluation of b₀ + a₁/(b₁ + a₂/(b₂ + …)): `next` gives [aₙ, bₙ], n = 1, 2, … */
function continuedFraction(b0: number, next: (n: number) => readonly [number, number]): number {
  let value = b0 || TINY
  let numerator = value
  let denominator = 0
  for (let n = 1; n < 100_000; n++) {
    const [a, b] = next(n)
    denominator = 1 / (b + a * denominator || TINY)
    numerator = b + a / numerator || TINY
    value *= numerator * denominator
    if (Math.abs(numerator * denominator - 1) <= 2 * PRECISION) break
  }
  return value
}

/**
 * Regularised upper incomplete gamma Q(a, x) = Γ(a, x)/Γ(a), for a > 0 and x ≥ 0.
 *
 * @see Abramowitz and Stegun (1964), 6.5.29 below x = a + 1, 6.5.31 above.
 */
export function gammaQ(a: number, x: number): number {
  if (!(a > 0 && x >= 0)) return Number.NaN
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x >= a + 1) return front / continuedFraction(x + 1 - a, (n) => [n * (a - n), x + 2 * n + 1 - a])
  let term = 1 / a
  let sum = term
  for (let n = a + 1; term > PRECISION * sum; n++) {
    term *= x / n
    sum += term
  }
  return 1 - front * sum
}

/** P(X > x) of a chi-square with `degrees` > 0 degrees of freedom. */
export const chiSquareSf = (x: number, degrees: number): number => (x <= 0 ? 1 : gammaQ(degrees / 2, x / 2))

/**
 * Regularised incomplete beta I_x(a, b), for a, b > 0 and x in [0, 1].
 *
 * @see Abramowitz and Stegun (1964), 26.5.8, on the side where its fraction converges fast.
 */
export function betaI(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return Number.NaN
  if (x === 0 || x === 1) return x
  if (x > (a + 1) / (a + b + 2)) return 1 - betaI(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b))
  const fraction = continuedFraction(1, (n) => {
    const m = n >> 1
    const d =
      n % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    return [d, 1]
  })
  return front / a / fraction
}
