import { ln } from './exponential.ts'

/** Values in ascending order: `sorted[0 … size − 1]`. */
export interface Ascending {
  readonly sorted: Float64Array
  readonly size: number
}

/** Largest values that describe the tail beyond what the window resolves. */
const LARGEST = 12
/** Largest excess counted (nats): the past holds incidents too, and they are not the tail of good batches. */
const LARGEST_EXCESS = 4
/** Mean excess before the window tells, in the unit of the values (nats), and how many values it counts for. */
const PRIOR_EXCESS = 1
const PRIOR_VALUES = 4

/**
 * The value that a new one exceeds with the given chance, judging by past ones.
 *
 * Where at least twelve past values are expected above, an interpolated order statistic (exact for exchangeable
 * values); further out an exponential tail through the largest, its mean excess shrunk to one nat.
 *
 * @param chance - In (0, 1).
 * @returns 0 when there is no past value.
 * @see Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, §2: conformal ranks.
 * @see Pickands (1975), Statistical inference using extreme order statistics. Ann. Stat. 3(1): peaks over a threshold,
 *   here with shape 0.
 */
export function exceededWithChance(window: Ascending, chance: number): number {
  const { sorted, size } = window
  if (size === 0) return 0
  const expectedAbove = (size + 1) * chance
  const largest = Math.max(Math.min(LARGEST, size >> 2), 1)
  if (expectedAbove >= largest + 0.5) return orderStatistic(window, expectedAbove)
  const start = sorted[Math.max(size - 1 - largest, 0)]!
  return start + meanExcess(window, { start, largest }) * ln((largest + 0.5) / expectedAbove)
}

function orderStatistic({ sorted, size }: Ascending, expectedAbove: number): number {
  const above = Math.floor(expectedAbove)
  const high = sorted[Math.max(size - above, 0)]!
  const low = sorted[Math.max(size - above - 1, 0)]!
  return high + (low - high) * (expectedAbove - above)
}

/** Mean height of the largest values above the start of the tail, shrunk to the prior. */
function meanExcess(
  { sorted, size }: Ascending,
  { start, largest }: { readonly start: number; readonly largest: number },
): number {
  let excess = 0
  for (let j = 0; j < largest; j++) excess += Math.min(sorted[size - 1 - j]! - start, LARGEST_EXCESS)
  return (excess + PRIOR_VALUES * PRIOR_EXCESS) / (largest + PRIOR_VALUES)
}
