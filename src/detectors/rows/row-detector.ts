import type { Dimension } from '../../data/dimension.ts'
import { type GivenSettings, type Params, type Settings, settingsOf } from '../../data/params.ts'
import type { OnProgress } from '../../data/progress.ts'
import type { Graph, Value } from '../../onnx/graph.ts'
import type { OpenSession } from '../../onnx/session.ts'
import type { EncodedRows, Encoding } from './encoded-rows.ts'
import type { Checkpoint } from './train-network.ts'
import type { TransformedValues } from './transformer.ts'

/** What a detector says of rows. */
export interface RowScores {
  /** Higher is more anomalous; in the detector's own unit. Shape [rows]. */
  readonly scores: Float32Array
  /** How far each column is off, at least 0: none when the detector cannot tell, several when it tells in several ways. Shape [rows, columns] each. */
  readonly columns: readonly Float32Array[]
}

/** What a detector gives inside a graph. */
export interface RowScoreValues {
  /** float32 [rows, 1]. */
  readonly scores: Value
  /** float32 [rows, columns] each. */
  readonly columns: readonly Value[]
}

/** Declares a detector of odd rows. */
export interface RowDeclaration<P extends Params, State> {
  /** Kebab-case, as in commands and files. */
  readonly name: string
  readonly summary: string
  /** Where the method was published: author (year), title. */
  readonly reference: string
  /** The aspect of quality that the spread of its scores over a batch is charted under. */
  readonly dimension: Extract<Dimension, 'integrity' | 'consistency'>
  /** How much its surprise counts in the hybrid score, positive. */
  readonly weight: number
  readonly params: P
  fit(reference: Reference, settings: Settings<P>, tools: FitTools): State | Promise<State>
  score(state: State, rows: EncodedRows): RowScores
  graph(graph: Graph, state: State, rows: TransformedValues): RowScoreValues
}

/** Rows to learn from, judged normal, and others to check with what was learnt. */
export interface Reference {
  readonly rows: EncodedRows
  readonly heldOut: EncodedRows
  readonly encoding: Encoding
}

/** What learning needs besides rows. */
export interface FitTools {
  /** Same rows, settings and seed, same detector. */
  readonly seed: string
  /** Runs training graphs; only detectors that train one ask for it. */
  readonly openSession: OpenSession
  readonly onProgress?: OnProgress
  /** Where an interrupted training of the same rows, settings and seed stood. */
  readonly resume?: Checkpoint | null
  readonly onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>
  readonly signal?: AbortSignal
}

/** A detector that learnt from reference rows. */
export interface FittedRows<State = unknown> {
  readonly state: State
  score(rows: EncodedRows): RowScores
  /** Adds the detector to a graph: the same scores but for rounding. */
  graph(graph: Graph, rows: TransformedValues): RowScoreValues
}

export interface RowDetector<P extends Params = Params, State = unknown>
  extends Omit<RowDeclaration<P, State>, 'fit' | 'score' | 'graph'> {
  /** @throws FiableError BAD_ARGUMENT for settings out of range. */
  fit(reference: Reference, settings: GivenSettings, tools: FitTools): Promise<FittedRows<State>>
  /** A detector from what an earlier one learnt, which may have been in another process. */
  restore(state: State): FittedRows<State>
}

/** Declares a row detector: the one object from which settings, forms and documents are derived. */
export function defineRowDetector<const P extends Params, State>(
  declaration: RowDeclaration<P, State>,
): RowDetector<P, State> {
  const { name, summary, reference, dimension, weight, params } = declaration
  const restore = (state: State): FittedRows<State> => ({
    state,
    score: (rows) => declaration.score(state, rows),
    graph: (graph, rows) => declaration.graph(graph, state, rows),
  })
  return {
    ...{ name, summary, reference, dimension, weight, params, restore },
    fit: async (learnt, given, tools) =>
      restore(await declaration.fit(learnt, settingsOf(name, params, given), tools)),
  }
}
