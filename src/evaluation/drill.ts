import { corruptions } from '../corruption/index.ts'
import { FiableError } from '../data/errors.ts'
import type { OnProgress } from '../data/progress.ts'
import type { Dataset } from '../monitor/project.ts'
import { type CleanResult, isTried, type TrialResult, tryBatch } from './evaluate.ts'
import { type Scorecard, scorecardOf } from './scorecard.ts'
import type { TrialPlan } from './trial-plan.ts'

/** Batches that must be known before a drill means something. */
export const LEAST_BATCHES = 8

export interface DrillOptions {
  /** Batches spoiled, the newest ones; default 12. */
  readonly batches?: number
  /** Shares of the rows spoiled, each in (0, 1]; default 2 %, 10 % and 30 %. */
  readonly fractions?: readonly number[]
  /** Columns per corruption and batch, default 1. */
  readonly columns?: number
  readonly seed?: number | string
  readonly onProgress?: OnProgress
}

/** A scorecard with the trials it sums up. */
export interface Drill {
  readonly scorecard: Scorecard
  readonly results: readonly TrialResult[]
  readonly clean: readonly CleanResult[]
}

/**
 * Spoils shadow copies of the newest batches in every known way and tells what the monitor would have caught.
 *
 * Each batch is judged against the batches before it only. Real history, scores and alert budget are not touched.
 * Batches with a label, such as those spoiled on purpose already, are passed over.
 *
 * @throws FiableError TOO_FEW_BATCHES when fewer than 8 batches were judged.
 */
export async function drill(dataset: Dataset, options: DrillOptions = {}): Promise<Drill> {
  const known = (await dataset.verdicts()).length
  if (known <= LEAST_BATCHES)
    throw new FiableError(
      'TOO_FEW_BATCHES',
      `${dataset.name} has ${known} judged batches; a drill needs more than ${LEAST_BATCHES}.`,
      'Let more batches arrive, or check earlier ones first.',
    )
  const plan = planOf(known, options)
  const results: TrialResult[] = []
  const clean: CleanResult[] = []
  let place = 0
  for await (const stand of dataset.rehearse(options.onProgress ? { onProgress: options.onProgress } : {})) {
    if (!isTried(plan, place++) || stand.batch.label !== null || !stand.batch.inBaseline) continue
    clean.push({
      batch: stand.batch.listing.key,
      isAlert: stand.clean.isAlert,
      score: stand.clean.score.table,
    })
    results.push(...tryBatch(stand, plan))
  }
  return { scorecard: scorecardOf(results, clean), results, clean }
}

const planOf = (
  known: number,
  { batches = 12, fractions = [0.02, 0.1, 0.3], columns = 1, seed = 1 }: DrillOptions,
): TrialPlan => ({
  corruptions,
  fractions,
  columnsPerCorruption: columns,
  selector: 'random',
  from: Math.max(LEAST_BATCHES, known - batches),
  every: 1,
  seed,
})
