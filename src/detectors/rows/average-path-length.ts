import { ln } from '../../math/exponential.ts'

/** Euler's constant. */
const GAMMA = 0.5772156649015329

/** Mean path length of an unsuccessful search in a binary search tree of n nodes: eq. 1 of the paper. */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0
  return n === 2 ? 1 : 2 * (ln(n - 1) + GAMMA) - (2 * (n - 1)) / n
}
