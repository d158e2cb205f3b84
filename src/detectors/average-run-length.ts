import { findRoot } from '../math/find-root.ts'
import { gaussLegendre } from '../math/gauss-legendre.ts'
import { normalCdf, normalDensity, normalQuantile, normalSf } from '../math/normal.ts'
import { solveLinear } from '../math/solve-linear.ts'

/**
 * Average run lengths: how many values of independent normal data a chart takes on average until it alarms, while all
 * is well (shift 0) or after a lasting shift (in standard deviations, from the first value on).
 *
 * Real metrics are neither independent nor normal: read these as a starting point, and the alert budget as the answer.
 */

/** Of a chart of single values with limits at ± `limit` standard deviations. */
export const shewhartRunLength = (limit: number, shift = 0): number =>
  1 / (normalSf(limit - shift) + normalSf(limit + shift))

/** The limit at which a chart of single values alarms every `runLength` > 1 good values. */
export const shewhartLimit = (runLength: number): number => -normalQuantile(1 / (2 * runLength))

/**
 * Of an EWMA chart with fixed limits at ± `limit` standard deviations of the weighted mean, started at the centre.
 *
 * @param chart.gain - Weight of the newest value, in (0, 1].
 * @see Crowder (1987), A simple method for studying run-length distributions of EWMA charts. Technometrics 29(4), eq. 4:
 *   a Fredholm equation of the second kind, solved by Nyström's method.
 */
export function ewmaRunLength(chart: { gain: number; limit: number }, shift = 0): number {
  const { gain } = chart
  const reach = chart.limit * Math.sqrt(gain / (2 - gain))
  const { nodes, weights } = gaussLegendre(40 + Math.ceil(8 / Math.sqrt(gain)), -reach, reach)
  const chance = (from: number, to: number) => normalDensity((to - (1 - gain) * from) / gain - shift) / gain
  const matrix = Array.from(nodes, (from, i) =>
    Float64Array.from(nodes, (to, j) => Number(i === j) - weights[j]! * chance(from, to)),
  )
  const lengths = solveLinear(matrix, new Float64Array(nodes.length).fill(1))
  return nodes.reduce((sum, to, j) => sum + weights[j]! * chance(0, to) * lengths[j]!, 1)
}

/**
 * Of a CUSUM of both sides, started at 0.
 *
 * @see Page (1954) for the equation; Van Dobben de Bruyn (1968), Cumulative Sum Tests, for joining both sides:
 *   1/ARL = 1/ARL⁺ + 1/ARL⁻.
 */
export function cusumRunLength(chart: { allowance: number; limit: number }, shift = 0): number {
  return 1 / (1 / oneSidedCusum(chart, shift) + 1 / oneSidedCusum(chart, -shift))
}

/** The sum is at 0 with a positive chance, and else somewhere in (0, limit): one unknown more than nodes. */
function oneSidedCusum({ allowance, limit }: { allowance: number; limit: number }, shift: number): number {
  const { nodes, weights } = gaussLegendre(60, 0, limit)
  const starts = [0, ...nodes]
  const drift = allowance - shift
  const matrix = starts.map((from, i) =>
    Float64Array.from(starts, (to, j) => {
      const chance = j === 0 ? normalCdf(drift - from) : weights[j - 1]! * normalDensity(to - from + drift)
      return Number(i === j) - chance
    }),
  )
  return solveLinear(matrix, new Float64Array(starts.length).fill(1))[0]!
}

/** The EWMA limit that alarms every `runLength` good values; 2 ≤ `runLength` ≤ 10⁷. */
export const ewmaLimit = (gain: number, runLength: number): number =>
  limitFor(runLength, 0.05, 6, (limit) => ewmaRunLength({ gain, limit }))

/** The CUSUM limit that alarms every `runLength` good values; 2 ≤ `runLength` ≤ 10⁷. */
export const cusumLimit = (allowance: number, runLength: number): number =>
  limitFor(runLength, 0.01, 25, (limit) => cusumRunLength({ allowance, limit }))

/** Run lengths grow about exponentially with the limit, so the root is sought on their logarithm. */
function limitFor(runLength: number, low: number, high: number, lengthAt: (limit: number) => number): number {
  let top = low
  while (top < high && lengthAt(top) < runLength) top = Math.min(top + 1, high)
  return findRoot((limit) => Math.log(lengthAt(limit) / runLength), low, top, 1e-9)
}
