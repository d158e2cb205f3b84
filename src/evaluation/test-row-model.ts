import type { Corruption } from '../corruption/corruption.ts'
import { corruptions } from '../corruption/index.ts'
import { type Plan, spoil } from '../corruption/spoil.ts'
import { FiableError } from '../data/errors.ts'
import type { Params } from '../data/params.ts'
import type { RowSample } from '../data/profile.ts'
import { ONE_PERCENT } from '../detectors/rows/one-percent-line.ts'
import type { RowModel } from '../detectors/rows/row-model.ts'
import { takeSample } from '../detectors/rows/take-sample.ts'
import { random, shuffled } from '../math/random.ts'
import { rocAuc } from '../math/roc.ts'
import { targetsOf } from './trial-plan.ts'

/** Share of a batch's rows that each trial spoils. */
const FRACTION = 0.1

/** How well a model tells rows spoiled in one way from clean ones. */
export interface CorruptionResult {
  readonly corruption: string
  readonly trials: number
  /** Rows spoiled. */
  readonly rows: number
  /** Area under the ROC curve of the row score, mean over trials. */
  readonly auroc: number
  /** Share of the spoiled rows above the 1 % line. */
  readonly caught: number
}

/** How well a model does on rows that it did not learn from. */
export interface RowModelTest {
  /** Mean over corruptions, each counting alike. */
  readonly auroc: number
  readonly caught: number
  /** Share of the clean rows above the 1 % line. */
  readonly falseAlarms: number
  /** Clean rows. */
  readonly rows: number
  readonly corruptions: readonly CorruptionResult[]
}

/** Rows of one batch spoiled in one way. */
interface SpoiledRows {
  readonly corruption: string
  readonly rows: RowSample
}

/**
 * Measures row models under random corruption: each corruption that changes cells spoils a tenth of the rows of each batch in
 * one place that fits, and every model scores the same rows.
 *
 * Faults that add, drop or reorder rows or columns are left to the monitor's other metrics: a model of single rows cannot
 * see them. A batch of which a model cannot read the columns counts as not told apart (AUROC ½, nothing caught).
 *
 * @param batches - Clean rows that no model learnt from, batch by batch.
 * @returns One result per model, in order.
 * @throws FiableError TOO_FEW_ROWS when no corruption changes any row.
 */
export async function testRowModels(
  models: readonly RowModel[],
  batches: readonly RowSample[],
  seed: string,
): Promise<readonly RowModelTest[]> {
  const columns = new Set(models.flatMap(({ metadata }) => metadata.columns.map(({ name }) => name)))
  const trials = batches.map((batch, b) => ({
    clean: batch,
    spoiled: trialsOf(batch, columns, `${seed}/${b}`),
  }))
  if (trials.every(({ spoiled }) => spoiled.length === 0)) throw nothingSpoiled(batches)
  const results: RowModelTest[] = []
  for (const model of models) results.push(await testOne(model, trials))
  return results
}

type Trials = readonly { readonly clean: RowSample; readonly spoiled: readonly SpoiledRows[] }[]

/** The spoiled rows of every corruption that changes cells of these columns and leaves rows and columns in their places. */
function trialsOf(batch: RowSample, columns: ReadonlySet<string>, seed: string): readonly SpoiledRows[] {
  const draw = random(seed)
  const seen = { ...batch, columns: batch.columns.filter(({ column }) => columns.has(column.name)) }
  return corruptions.filter(isOfCells).flatMap((corruption) => {
    const [target] = shuffled(targetsOf(corruption, seen), draw)
    const plan = target && { corruption, columns: target, fraction: FRACTION, seed }
    const rows = plan && spoiledBy(batch, plan)
    return rows ? [{ corruption: corruption.name, rows }] : []
  })
}

const isOfCells = ({ dimension, takes, wholeBatch, needsPrevious }: Corruption<Params>): boolean =>
  dimension !== null && takes > 0 && !wholeBatch && !needsPrevious

/** The changed rows; null when there are none, or when the table is no longer of the same rows and columns. */
function spoiledBy(batch: RowSample, plan: Plan): RowSample | null {
  try {
    const { table, rowMask, cellMasks, schemaChanges } = spoil(batch, plan)
    if (schemaChanges > 0 || table.rows !== batch.rows || cellMasks.size === 0) return null
    const isSame = table.columns.every(({ column }, c) => column.storage === batch.columns[c]!.column.storage)
    const changed = Uint32Array.from(rowMask.keys()).filter((row) => rowMask[row] === 1)
    return isSame ? takeSample({ ...table, of: batch.of }, changed) : null
  } catch (thrown) {
    // A fault that leaves every cell as it was, such as the case of digits, is no trial.
    if (thrown instanceof FiableError && thrown.code === 'NO_EFFECT') return null
    throw thrown
  }
}

interface Told {
  readonly corruption: string
  readonly rows: number
  readonly auroc: number
  readonly above: number
}

async function testOne(model: RowModel, trials: Trials): Promise<RowModelTest> {
  const told: Told[] = []
  let [clean, alarms] = [0, 0]
  for (const { clean: batch, spoiled } of trials) {
    const scores = await scoresOf(model, batch)
    clean += batch.rows
    alarms += aboveLine(scores)
    for (const { corruption, rows } of spoiled) {
      const own = await scoresOf(model, rows)
      told.push({ corruption, rows: rows.rows, auroc: rocAuc(scores, own), above: aboveLine(own) })
    }
  }
  const results = [...Map.groupBy(told, ({ corruption }) => corruption)].map(([name, own]) =>
    summed(name, own),
  )
  const mean = (of: (result: CorruptionResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0) / results.length
  return {
    auroc: mean(({ auroc }) => auroc),
    caught: mean(({ caught }) => caught),
    falseAlarms: alarms / Math.max(1, clean),
    rows: clean,
    corruptions: results,
  }
}

/** All 0 for rows that the model cannot read. */
const scoresOf = async (model: RowModel, rows: RowSample): Promise<Float32Array> =>
  model.fits(rows) ? (await model.score(rows)).score : new Float32Array(rows.rows)

const aboveLine = (scores: Float32Array): number =>
  scores.reduce((count, score) => count + (score > ONE_PERCENT ? 1 : 0), 0)

function summed(corruption: string, told: readonly Told[]): CorruptionResult {
  const sum = (of: (one: Told) => number): number => told.reduce((total, one) => total + of(one), 0)
  const rows = sum((one) => one.rows)
  return {
    corruption,
    trials: told.length,
    rows,
    auroc: sum(({ auroc }) => auroc) / told.length,
    caught: sum(({ above }) => above) / rows,
  }
}

const nothingSpoiled = (batches: readonly RowSample[]): FiableError =>
  new FiableError(
    'TOO_FEW_ROWS',
    `No corruption changes any of the ${batches.reduce((sum, { rows }) => sum + rows, 0)} rows to test on.`,
    'Check more batches first, so that there are rows to test with.',
  )
