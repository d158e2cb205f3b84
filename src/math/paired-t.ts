import { studentSf } from './student-t.ts'

/** How sure it is that paired differences are above 0. */
export interface PairedT {
  readonly pairs: number
  /** NaN without pairs. */
  readonly mean: number
  /** Of the mean; NaN below two pairs. */
  readonly standardError: number
  /** Chance of a mean at least as large were the true one 0: one-sided; 1 below two pairs or when nothing differs. */
  readonly p: number
}

/**
 * Student's paired t test that differences are above 0, one-sided.
 *
 * Wants pairs that do not depend on each other; skewed differences are told from 0 a little too seldom from ten pairs on.
 *
 * @param differences - One per pair; finite.
 * @see Student (1908), The probable error of a mean, Biometrika 6(1).
 */
export function pairedT(differences: readonly number[]): PairedT {
  const pairs = differences.length
  const mean = differences.reduce((sum, value) => sum + value, 0) / pairs
  if (pairs < 2) return { pairs, mean, standardError: Number.NaN, p: 1 }
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const standardError = Math.sqrt(squares / (pairs - 1) / pairs)
  if (standardError === 0) return { pairs, mean, standardError, p: mean > 0 ? 0 : 1 }
  return { pairs, mean, standardError, p: studentSf(mean / standardError, pairs - 1) }
}
