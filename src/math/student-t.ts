import { exp, ln } from './exponential.ts'
import { findRoot } from './find-root.ts'
import { betaI } from './gamma.ts'

/** Student's t distribution. */

/** P(T > t) with `degrees` > 0 degrees of freedom. */
export function studentSf(t: number, degrees: number): number {
  const tail = betaI(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
  return t >= 0 ? tail : 1 - tail
}

/** P(T ≤ t) with `degrees` > 0 degrees of freedom. */
export const studentCdf = (t: number, degrees: number): number => studentSf(-t, degrees)

/** The t with P(T ≤ t) = p, for p in (0, 1); relative error below 1e-11. */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p < 0.5) return -studentQuantile(1 - p, degrees)
  if (p === 0.5) return 0
  if (p === 1) return Number.POSITIVE_INFINITY
  return upperQuantile(1 - p, degrees)
}

/** The t > 0 with P(T > t) = tail: the root is sought in ln t, because heavy tails span many magnitudes. */
function upperQuantile(tail: number, degrees: number): number {
  const excess = (logT: number) => Math.log(studentSf(Math.exp(logT), degrees) / tail)
  let high = 1
  while (excess(high) > 0) high *= 2
  return Math.exp(findRoot(excess, -50, high, 1e-14))
}

/**
 * The normal deviate as far out as `t` is for a t distribution, within 1.5 % of the exact one from 5 degrees
 * on (3.5 % too near at 3 degrees and p = 1e-5, so never too alarming); replays bit for bit.
 *
 * @see Wallace (1959), Bounds on normal approximations to Student's and the chi-square distributions, eq. 5.
 */
export function normalScoreOfT(t: number, degrees: number): number {
  const z = wallace(degrees) * Math.sqrt(degrees * ln(1 + (t * t) / degrees))
  return t < 0 ? -z : z
}

/** Inverse of `normalScoreOfT`; ±Infinity beyond the largest double. */
export function tOfNormalScore(z: number, degrees: number): number {
  const root = z / wallace(degrees)
  const t = Math.sqrt(degrees * (exp((root * root) / degrees) - 1))
  return z < 0 ? -t : t
}

const wallace = (degrees: number): number => (8 * degrees + 1) / (8 * degrees + 3)
