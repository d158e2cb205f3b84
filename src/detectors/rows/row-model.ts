import { FiableError } from '../../data/errors.ts'
import type { RowSample } from '../../data/profile.ts'
import type { OpenSession, Tensors } from '../../onnx/session.ts'
import { joinFloats, joinLongs } from './join-outputs.ts'
import { type RowModelMetadata, rowModelMetadata } from './row-model-metadata.ts'
import { sliceSample } from './take-sample.ts'
import { feedsOf, hasColumns } from './transformer.ts'

/** Rows scored in one run: more gain nothing and cost memory. */
const ROWS_PER_RUN = 512

/** Scores of rows in nats, −ln of the chance of a clean row to score higher; higher is more anomalous. */
export interface RowModelScores {
  /** Shape [rows]. */
  readonly score: Float32Array
  /** Shape [rows, members], row-major. */
  readonly members: Float32Array
  /** Shape [rows, columns], row-major; empty when no member tells columns apart. */
  readonly columns: Float32Array
}

/** What was expected instead, and the reference rows most alike. */
export interface RowModelExpectations extends RowModelScores {
  /** In the column's unit, NaN where no number is expected. Shape [rows, columns]; empty without a member that expects. */
  readonly numbers: Float32Array
  /** Code of the expected category, 0 where none is. Shape [rows, columns]; empty likewise. */
  readonly codes: Int32Array
  /** Places among the kept reference rows. Shape [rows, bags]; empty without nearest neighbours. */
  readonly similar: Int32Array
}

/** A loaded row model. Release it. */
export interface RowModel {
  readonly metadata: RowModelMetadata
  /** Whether rows have every column of the model, with values it can read. */
  fits(sample: RowSample): boolean
  /** @throws FiableError BAD_SCHEMA when a column is missing or of another type. */
  score(sample: RowSample): Promise<RowModelScores>
  /** The scores with what explains them. */
  expect(sample: RowSample): Promise<RowModelExpectations>
  release(): Promise<void>
}

const SCORES = ['score', 'member_scores', 'column_scores']
const EXPECTATIONS = [...SCORES, 'expected_numbers', 'expected_codes', 'similar_rows']

/**
 * Loads a row model from the bytes of its file.
 *
 * @throws FiableError MALFORMED_FILE or UNSUPPORTED_FORMAT when the file is damaged or no row model.
 */
export async function openRowModel(file: Uint8Array, openSession: OpenSession): Promise<RowModel> {
  const metadata = rowModelMetadata(file)
  const session = await openSession(file)
  const offered = new Set(session.outputs.map(({ name }) => name))
  const inputs = new Set(session.inputs.map(({ name }) => name))
  if (!offered.has('score') || metadata.columns.some(({ input }) => !inputs.has(input)))
    throw contradiction(metadata.name)
  const run = async (sample: RowSample, outputs: readonly string[]): Promise<readonly Tensors[]> => {
    const wanted = outputs.filter((name) => offered.has(name))
    const parts: Tensors[] = []
    for (let from = 0; from < sample.rows; from += ROWS_PER_RUN) {
      const slice = sliceSample(sample, from, Math.min(sample.rows, from + ROWS_PER_RUN))
      parts.push(await session.run(feedsOf(metadata.columns, slice), wanted))
    }
    return parts
  }
  return {
    metadata,
    fits: (sample) => hasColumns(metadata.columns, sample),
    async score(sample) {
      if (sample.rows === 0) feedsOf(metadata.columns, sample)
      return scoresOf(await run(sample, SCORES))
    },
    async expect(sample) {
      const parts = await run(sample, EXPECTATIONS)
      return {
        ...scoresOf(parts),
        numbers: joinFloats(parts, 'expected_numbers'),
        codes: joinLongs(parts, 'expected_codes'),
        similar: joinLongs(parts, 'similar_rows'),
      }
    },
    release: () => session.release(),
  }
}

const scoresOf = (parts: readonly Tensors[]): RowModelScores => ({
  score: joinFloats(parts, 'score'),
  members: joinFloats(parts, 'member_scores'),
  columns: joinFloats(parts, 'column_scores'),
})

const contradiction = (name: string) =>
  new FiableError(
    'MALFORMED_FILE',
    `The row model ${name} describes other columns than its graph takes.`,
    'Train the model again, or restore the file.',
  )
