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
  /**
   * What each clean row adds to `auroc`: by trial, the share of spoiled rows that score above it, ties half, each weighted
   * as in `auroc`. The means of all batches add up to `auroc`. Shape [batches][rows].
   */
  readonly placements: readonly Float64Array[]
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
  if (batch.rows === 0) return []
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
  readonly batch: number
  readonly rows: number
  readonly auroc: number
  readonly above: number
  /** Of each clean row of the batch. */
  readonly placements: Float64Array
}

async function testOne(model: RowModel, trials: Trials): Promise<RowModelTest> {
  const told: Told[] = []
  let alarms = 0
  for (const [batch, { clean, spoiled }] of trials.entries()) {
    const scores = await scoresOf(model, clean)
    alarms += aboveLine(scores)
    for (const { corruption, rows } of spoiled) {
      const own = await scoresOf(model, rows)
      const placements = placementsOf(scores, own)
      const auroc = placements.reduce((sum, value) => sum + value, 0) / clean.rows
      told.push({ corruption, batch, rows: rows.rows, auroc, above: aboveLine(own), placements })
    }
  }
  const groups = Map.groupBy(told, ({ corruption }) => corruption)
  const results = [...groups].map(([name, own]) => summed(name, own))
  const mean = (of: (result: CorruptionResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0) / results.length
  const rows = trials.reduce((sum, { clean }) => sum + clean.rows, 0)
  return {
    auroc: mean(({ auroc }) => auroc),
    caught: mean(({ caught }) => caught),
    falseAlarms: alarms / Math.max(1, rows),
    rows,
    corruptions: results,
    placements: trials.map(({ clean }, batch) => {
      const sum = new Float64Array(clean.rows)
      for (const one of told.filter((trial) => trial.batch === batch)) {
        const weight = 1 / (groups.get(one.corruption)!.length * groups.size)
        for (let row = 0; row < sum.length; row++) sum[row] = sum[row]! + weight * one.placements[row]!
      }
      return sum
    }),
  }
}

/** For each clean score, the share of spoiled ones above it, ties half; their mean is the area under the ROC curve. */
function placementsOf(clean: Float32Array, spoiled: Float32Array): Float64Array {
  const sorted = spoiled.toSorted()
  const count = (isCounted: (other: number) => boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isCounted(sorted[middle]!)) low = middle + 1
      else high = middle
    }
    return low
  }
  return Float64Array.from(clean, (score) => {
    const less = count((other) => other < score)
    const atMost = count((other) => other <= score)
    return 1 - (less + atMost) / 2 / sorted.length
  })
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
