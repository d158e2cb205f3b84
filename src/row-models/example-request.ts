import { FiableError } from '../data/errors.ts'
import type { RowSample } from '../data/profile.ts'
import { rowModelMetadata } from '../detectors/rows/row-model-metadata.ts'
import { takeSample } from '../detectors/rows/take-sample.ts'
import { feedsOf } from '../detectors/rows/transformer.ts'
import type { OpenSession, Session, TensorSlot } from '../onnx/session.ts'
import { floatsOf, type Tensor } from '../onnx/tensor.ts'

/** Rows in an example at most. */
const ROWS = 16

/** Element types as the Open Inference Protocol calls them. */
const DATATYPES = {
  float64: 'FP64',
  float32: 'FP32',
  int32: 'INT32',
  int64: 'INT64',
  string: 'BYTES',
} as const

type Datatype = (typeof DATATYPES)[keyof typeof DATATYPES]

/** What a model takes or gives under a name; −1 for the number of rows. */
export interface SignatureTensor {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
}

/** What goes into a model and what comes out, as a model server tells it. */
export interface Signature {
  readonly inputs: readonly SignatureTensor[]
  readonly outputs: readonly SignatureTensor[]
}

/** A tensor in a request; null stands for a missing number, which JSON has no word for. */
export interface RequestTensor extends SignatureTensor {
  readonly data: readonly (number | string | null)[]
}

/** Rows and the scores that a model gave them where it was trained. */
export interface ExampleRequest {
  readonly signature: Signature
  readonly request: { readonly inputs: readonly RequestTensor[] }
  readonly response: { readonly outputs: readonly RequestTensor[] }
}

/**
 * An example request for a row model with its response, by the Open Inference Protocol.
 *
 * @param rows - Rows to choose from, at least one: those with fewest missing cells are taken, at most 16.
 */
export async function exampleOf(
  file: Uint8Array,
  rows: RowSample,
  openSession: OpenSession,
): Promise<ExampleRequest> {
  const session = await openSession(file)
  try {
    const chosen = takeSample(rows, fullestRows(rows))
    const feeds = feedsOf(rowModelMetadata(file).columns, chosen)
    const outputs = await session.run(feeds, ['score'])
    const inputs = session.inputs.map(({ name }) => requestTensor(name, feeds[name]!))
    return {
      signature: signatureOf(session),
      request: { inputs },
      response: { outputs: [requestTensor('score', outputs.score!)] },
    }
  } finally {
    await session.release()
  }
}

function fullestRows({ rows, columns }: RowSample): readonly number[] {
  const missing = (row: number): number =>
    columns.reduce((count, { codes }) => count + (codes[row] === 0 ? 1 : 0), 0)
  const counts = Array.from({ length: rows }, (_, row) => missing(row))
  return [...counts.keys()].sort((a, b) => counts[a]! - counts[b]! || a - b).slice(0, ROWS)
}

const signatureOf = ({ inputs, outputs }: Pick<Session, 'inputs' | 'outputs'>): Signature => ({
  inputs: inputs.map(signatureTensor),
  outputs: outputs.map(signatureTensor),
})

const signatureTensor = ({ name, type, dims }: TensorSlot): SignatureTensor => ({
  name,
  datatype: DATATYPES[type as keyof typeof DATATYPES],
  shape: dims.map((dim) => (typeof dim === 'number' ? dim : -1)),
})

const requestTensor = (name: string, { type, dims, data }: Tensor): RequestTensor => ({
  name,
  datatype: DATATYPES[type as keyof typeof DATATYPES],
  shape: dims,
  data: Array.from(data as ArrayLike<number | string | bigint>, (value) => {
    if (typeof value === 'bigint') return Number(value)
    return typeof value === 'number' && !Number.isFinite(value) ? null : value
  }),
})

/** How far the scores of a model file are from those of its example. */
export interface ExampleCheck {
  readonly rows: number
  /** Largest |difference| in nats. */
  readonly maxDifference: number
}

/**
 * Scores an example anew with a model file.
 *
 * @throws FiableError MALFORMED_FILE when the file cannot be loaded; BAD_ARGUMENT when it takes other inputs.
 */
export async function checkExample(
  file: Uint8Array,
  { request, response }: Pick<ExampleRequest, 'request' | 'response'>,
  openSession: OpenSession,
): Promise<ExampleCheck> {
  const recorded = response.outputs.find(({ name }) => name === 'score')?.data
  if (!recorded) throw noScores()
  const session = await openSession(file)
  try {
    const feeds = Object.fromEntries(request.inputs.map((input) => [input.name, tensorOf(input)]))
    const scores = floatsOf((await session.run(feeds, ['score'])).score)
    const differences = recorded.map((score, row) => Math.abs(Number(score) - scores[row]!))
    return {
      rows: recorded.length,
      maxDifference: differences.reduce((high, value) => (value <= high ? high : value), 0),
    }
  } finally {
    await session.release()
  }
}

function tensorOf({ datatype, shape, data }: RequestTensor): Tensor {
  if (datatype === 'BYTES') return { type: 'string', dims: shape, data: data.map(String) }
  const numbers = data.map((value) => (value === null ? Number.NaN : Number(value)))
  if (datatype === 'INT32') return { type: 'int32', dims: shape, data: Int32Array.from(numbers) }
  if (datatype === 'FP32') return { type: 'float32', dims: shape, data: Float32Array.from(numbers) }
  return { type: 'float64', dims: shape, data: Float64Array.from(numbers) }
}

const noScores = (): FiableError =>
  new FiableError(
    'MALFORMED_FILE',
    'The example of the model has no scores.',
    'Train the model again: its example is damaged.',
  )
