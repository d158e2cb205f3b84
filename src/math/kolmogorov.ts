import { FiableError } from '../data/errors.ts'
import { oneSampleKsSf } from './kolmogorov-one-sample.ts'

/**
 * Upper tail of Kolmogorov's limit distribution: P(√n·Dₙ > x) for n → ∞.
 *
 * @see Marsaglia, Tsang and Wang (2003), Evaluating Kolmogorov's distribution. JSS 8(18), eq. 1 and its theta dual.
 */
export function kolmogorovSf(x: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? Number.NaN : 1
  return x < 1.18 ? 1 - kolmogorovCdfNearZero(x) : kolmogorovTail(x)
}

function kolmogorovCdfNearZero(x: number): number {
  const exponent = -(Math.PI * Math.PI) / (8 * x * x)
  let sum = 0
  for (let odd = 1; odd <= 9; odd += 2) sum += Math.exp(exponent * odd * odd)
  return (Math.sqrt(2 * Math.PI) / x) * sum
}

function kolmogorovTail(x: number): number {
  let sum = 0
  for (let k = 8; k >= 1; k--) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x)
  return sum
}

/** Sizes up to which the exact distribution is counted when the method is left open. */
const EXACT_UP_TO = 10_000

/**
 * Two-sided p-value of the two-sample Kolmogorov–Smirnov distance D between samples of n and m values.
 *
 * Exact for continuous data (conservative with ties). Never alarm on it for large samples: at n = 10⁶ any D above
 * 0.0019 is "significant"; look at D itself.
 *
 * @param method - `exact` counts lattice paths at a cost of n·m·D steps; `asymptotic` takes the one-sample distribution
 *   of nm/(n + m) values, as SciPy does; `auto` is exact up to 10 000 values per sample.
 * @throws FiableError BAD_ARGUMENT when a size is not a positive integer or D is outside [0, 1].
 * @see Hodges (1958), The significance probability of the Smirnov two-sample test. Ark. Mat. 3(43).
 */
export function ksPValue(
  distance: number,
  n: number,
  m: number,
  method: 'auto' | 'exact' | 'asymptotic' = 'auto',
): number {
  if (!(n >= 1 && m >= 1 && Number.isInteger(n) && Number.isInteger(m) && distance >= 0 && distance <= 1))
    throw badArguments(distance, n, m)
  const exact = method === 'exact' || (method === 'auto' && Math.max(n, m) <= EXACT_UP_TO)
  return exact ? exactP(distance, n, m) : oneSampleKsSf(distance, Math.max(1, Math.round((n * m) / (n + m))))
}

const badArguments = (distance: number, n: number, m: number) =>
  new FiableError(
    'BAD_ARGUMENT',
    `ksPValue was given D = ${distance} for sizes ${n} and ${m}; it needs D in [0, 1] and positive whole sizes.`,
    'Pass the distance and sizes of two samples that are not empty.',
  )

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)

/**
 * Chance that a random path of n steps right and m steps up ever leaves the band |i/n − j/m| < D.
 *
 * `left[j]` is that chance for paths to (i, j): 1 outside the band, inside the mean of its two predecessors weighted
 * i : j. All terms are positive, so that small p-values keep their relative precision.
 */
function exactP(distance: number, n: number, m: number): number {
  const [long, short] = n >= m ? [n, m] : [m, n]
  const divisor = greatestCommonDivisor(long, short)
  const [stepLong, stepShort] = [short / divisor, long / divisor]
  const gap = Math.round(distance * stepLong * long)
  if (gap === 0) return 1
  const left = new Float64Array(short + 1).fill(1)
  for (let i = 0; i <= long; i++) {
    const from = Math.max(0, Math.floor((i * stepLong - gap) / stepShort) + 1)
    const to = Math.min(short, Math.ceil((i * stepLong + gap) / stepShort) - 1)
    if (from > 0) left[from - 1] = 1
    for (let j = from; j <= to; j++)
      left[j] = i + j === 0 ? 0 : (i * left[j]! + (j === 0 ? 0 : j * left[j - 1]!)) / (i + j)
    if (to < short) left[to + 1] = 1
  }
  return left[short]!
}
