import { studentSf } from '../math/student-t.ts'
import type { RowModelTest } from './test-row-model.ts'

/** Chance of holding a model for better that is not. */
const LEVEL = 0.05

/** Whether one model is better than another on the same spoiled rows. */
export interface RowModelComparison {
  /** AUROC of the challenger less that of the champion. */
  readonly difference: number
  readonly standardError: number
  /** Chance of at least such a difference between equals, one-sided; 1 where nothing differs. */
  readonly p: number
  readonly isBetter: boolean
}

/**
 * Compares two models by the AUROC of their row scores on the same rows: better is better beyond what other clean rows and
 * other ways of going wrong would change, one-sided at 5 %.
 *
 * The variance of the difference is that over clean rows, which all trials of a batch share, plus that over corruptions,
 * whose trials go alike. It is about these two models: the same settings with another seed give other ones.
 *
 * @param challenger - Of the same trials as `champion`.
 * @see DeLong, DeLong & Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves, Biometrics
 *   44(3), eq. 4–6. Deviates: spoiled rows count by corruption, not one by one.
 */
export function compareRowModels(challenger: RowModelTest, champion: RowModelTest): RowModelComparison {
  const difference = challenger.auroc - champion.auroc
  const byCorruption = challenger.corruptions.map(({ auroc }, c) => auroc - champion.corruptions[c]!.auroc)
  const byRow = challenger.placements.map((own, b) =>
    own.map((value, row) => value - champion.placements[b]![row]!),
  )
  const variance = [byCorruption, ...byRow].reduce((sum, values) => sum + varianceOfMean(values), 0)
  const standardError = Math.sqrt(variance)
  const p = chanceOf(difference, { standardError, degrees: byCorruption.length - 1 })
  return { difference, standardError, p, isBetter: p <= LEVEL }
}

/** Infinite for a single value: it says nothing of its spread. */
function varianceOfMean(values: readonly number[] | Float64Array): number {
  const count = values.length
  if (count === 0) return 0
  if (count === 1) return Infinity
  let mean = 0
  for (const value of values) mean += value / count
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return squares / (count - 1) / count
}

function chanceOf(
  difference: number,
  { standardError, degrees }: { readonly standardError: number; readonly degrees: number },
): number {
  if (standardError === 0) return difference > 0 ? 0 : 1
  return Number.isFinite(standardError) ? studentSf(difference / standardError, degrees) : 1
}
