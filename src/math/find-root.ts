import { FiableError } from '../data/errors.ts'

/**
 * The x in [low, high] where a continuous function crosses zero, to `tolerance` (absolute, in x).
 *
 * False position with the Illinois correction, safeguarded by bisection; the signs at the ends must differ.
 *
 * @throws FiableError NOT_CONVERGED when the function has the same sign at both ends.
 * @see Dowell and Jarratt (1971), A modified regula falsi method. BIT 11.
 */
export function findRoot(f: (x: number) => number, low: number, high: number, tolerance = 1e-12): number {
  let fLow = f(low)
  let fHigh = f(high)
  if (fLow === 0) return low
  if (fHigh === 0) return high
  if (Math.sign(fLow) === Math.sign(fHigh)) throw sameSigns(low, high, fLow, fHigh)
  for (let step = 0; step < 400 && high - low > tolerance; step++) {
    const secant = (low * fHigh - high * fLow) / (fHigh - fLow)
    const x = step % 3 === 2 || !(secant > low && secant < high) ? (low + high) / 2 : secant
    const fx = f(x)
    if (fx === 0 || x === low || x === high) return x
    if (Math.sign(fx) === Math.sign(fLow)) {
      low = x
      fLow = fx
      fHigh /= 2
    } else {
      high = x
      fHigh = fx
      fLow /= 2
    }
  }
  return (low + high) / 2
}

const sameSigns = (low: number, high: number, fLow: number, fHigh: number) =>
  new FiableError(
    'NOT_CONVERGED',
    `findRoot saw the same sign at both ends: f(${low}) = ${fLow}, f(${high}) = ${fHigh}; a root needs a change of sign.`,
    'Widen the interval until the function changes sign in it.',
  )
