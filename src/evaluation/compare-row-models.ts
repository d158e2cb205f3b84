import { type PairedT, pairedT } from '../math/paired-t.ts'
import type { RowModelTest } from './test-row-model.ts'

/** Chance of holding a model for better that is not. */
const LEVEL = 0.05

/** Whether one model is better than another on the same spoiled rows. */
export interface RowModelComparison extends PairedT {
  readonly isBetter: boolean
}

/**
 * Compares two models by the AUROC of their row scores: better is better over the ways in which rows go wrong, by a paired
 * t test, one-sided at 5 %.
 *
 * A pair is one corruption, since trials of the same corruption go alike: a model that is better at one fault only, however
 * much, is not held for better.
 */
export function compareRowModels(challenger: RowModelTest, champion: RowModelTest): RowModelComparison {
  const theirs = new Map(champion.corruptions.map(({ corruption, auroc }) => [corruption, auroc]))
  const differences = challenger.corruptions.flatMap(({ corruption, auroc }) =>
    theirs.has(corruption) ? [auroc - theirs.get(corruption)!] : [],
  )
  const test = pairedT(differences)
  return { ...test, isBetter: test.p <= LEVEL }
}
