import { exp, ln } from '../math/exponential.ts'
import type { SortedWindow } from '../math/sorted-window.ts'

/** Largest scores that describe the tail beyond the window. */
const LARGEST_TAIL = 12
/** Debt pulls the log-odds of an alert by this much per alert. */
const DEBT_GAIN = 0.5
const HIGHEST_CHANCE = 0.8

/**
 * The score that a new batch exceeds with the given chance, judging by past scores.
 *
 * Inside the window an interpolated order statistic (exact for exchangeable scores); beyond it an exponential tail
 * through the largest.
 *
 * @returns 0 when the window is empty.
 * @see Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, §2: conformal ranks.
 */
export function exceededWithChance({ sorted, size }: SortedWindow, chance: number): number {
  if (size === 0) return 0
  const expectedAbove = (size + 1) * chance
  if (expectedAbove < 1) return sorted[size - 1]! + meanExcess(sorted, size) * ln(1 / expectedAbove)
  const above = Math.floor(expectedAbove)
  const high = sorted[Math.max(size - above, 0)]!
  const low = sorted[Math.max(size - above - 1, 0)]!
  return high + (low - high) * (expectedAbove - above)
}

/** Mean height of the largest scores above the next one. */
function meanExcess(sorted: Float64Array, size: number): number {
  const largest = Math.min(Math.max(2, Math.min(size >> 2, LARGEST_TAIL)), size - 1)
  if (largest < 1) return 0
  let sum = 0
  for (let j = 0; j < largest; j++) sum += sorted[size - 1 - j]! - sorted[size - 1 - largest]!
  return Math.max(sum / largest, 1e-6)
}

/**
 * Chance of an alert to aim at now: the budgeted chance, its odds lowered by alerts spent in excess and raised by those
 * saved.
 *
 * @param debt - Alerts in excess of the budget so far; negative when saved.
 */
export function chanceAfter(budgeted: number, debt: number): number {
  const logOdds = ln(budgeted / (1 - budgeted)) - DEBT_GAIN * debt
  return Math.min(1 / (1 + exp(-logOdds)), HIGHEST_CHANCE)
}
