import type { Settings } from '../../data/params.ts'
import { type Random, random, sampleWithoutReplacement } from '../../math/random.ts'
import type { Graph, Value } from '../../onnx/graph.ts'
import { floats, longs, scalar } from '../../onnx/tensor.ts'
import { type EncodedRows, type Encoding, takeEncoded } from './encoded-rows.ts'
import { hidingPatterns, type Network, networkFor } from './network.ts'
import { SMALLEST_SHARE } from './network-graph.ts'
import { graphPredictHidden, predictHidden } from './predict-hidden.ts'
import { defineRowDetector, type RowScores, type RowScoreValues } from './row-detector.ts'
import { graphVectors, rowVectors, type VectorLayout, vectorLayout } from './row-vectors.ts'
import { type Checkpoint, trainNetwork } from './train-network.ts'
import type { TransformedValues } from './transformer.ts'

/** A trained network, and how far off it usually is. */
export interface Autoencoder {
  readonly network: Network
  readonly parameters: Float32Array
  /** Root mean square of the error at each place of a number, on held-out rows. Shape [layout.size]. */
  readonly spread: Float32Array
  /** Loss after each run of steps, on rows learnt from and held out. */
  readonly curve: readonly (readonly [learnt: number, heldOut: number])[]
}

/** Errors count in units of at least this many standard deviations: nothing is predicted better. */
const SMALLEST_SPREAD = 0.05
/** Rows learnt from at most. */
const MOST_LEARNT = 250_000
/** Held-out rows that the spread is taken on at most. */
const MOST_CHECKED = 2048
/** Degrees of freedom of the errors: of Student's t, so that one wild cell does not drown the others. */
const FREEDOM = 10

/**
 * Masked autoencoder: hides some columns of a row, predicts them from the others, and looks at how far off the cells are.
 *
 * Sees combinations that never go together and single bad cells, and says what it expected. Needs some thousand rows, and
 * columns that depend on each other; on independent ones it sees no more than the frequencies do.
 */
export const autoencoder = defineRowDetector({
  name: 'autoencoder',
  summary: 'Cells that the other cells of the row do not predict.',
  reference:
    'Vincent et al. (2008), Extracting and composing robust features with denoising autoencoders, ICML; hiding whole columns, as in Shenkar & Wolf (2022), ICLR',
  dimension: 'consistency',
  weight: 2,
  params: {
    width: {
      kind: 'integer',
      default: 128,
      min: 4,
      max: 1024,
      about: 'Units of the first and last hidden layer; the middle one has half of them.',
      search: [32, 256],
    },
    predicts: {
      kind: 'choice',
      default: 'hidden columns',
      choices: ['hidden columns', 'whole row'],
      about: 'Columns from the others, or the whole row from itself as in a plain bottleneck.',
    },
    groups: {
      kind: 'integer',
      default: 5,
      min: 2,
      max: 64,
      about: 'Groups that the columns are dealt into; one group is hidden at a time.',
      search: [2, 8],
    },
    rounds: {
      kind: 'integer',
      default: 2,
      min: 1,
      max: 8,
      about: 'Times that the columns are dealt anew; each column is predicted as often.',
      search: [1, 4],
    },
    steps: {
      kind: 'integer',
      default: 4000,
      min: 200,
      max: 1_000_000,
      about:
        'Steps of training at most, of 256 rows each; it ends when held-out rows are predicted no better.',
      search: [1000, 20_000],
    },
    learningRate: {
      kind: 'number',
      default: 0.001,
      min: 1e-6,
      max: 0.1,
      about: 'Highest rate of learning (Adam); it falls to 0 along a cosine.',
      search: [3e-4, 3e-3],
    },
  },
  async fit({ rows, heldOut, encoding }, settings, tools): Promise<Autoencoder> {
    const network = autoencoderNetwork(encoding, settings, tools.seed)
    const vectors = trainingVectors(network, { rows, heldOut }, tools.seed)
    const { steps, learningRate: rate } = settings
    const checkpoint = await trainNetwork(network, vectors, { ...tools, steps, rate })
    return finishAutoencoder(network, checkpoint, vectors.heldOut)
  },
  score: scoreAutoencoder,
  graph: graphAutoencoder,
})

/** What the shape of the network depends on. */
type Shape = Pick<Settings<(typeof autoencoder)['params']>, 'width' | 'predicts' | 'groups' | 'rounds'>

/** The network for rows of an encoding; same encoding, settings and seed, same network. */
export function autoencoderNetwork(encoding: Encoding, settings: Shape, seed: string): Network {
  const columns = encoding.levels.length
  const { width } = settings
  const isCovered = settings.predicts === 'hidden columns'
  const hidden = isCovered
    ? hidingPatterns(columns, settings, random(`${seed} patterns`))
    : new Float32Array(columns).fill(1)
  const widths = [width, width >> 1, width]
  return networkFor(vectorLayout(encoding), { columns, widths, hidden, isCovered })
}

/** Rows as the network learns from them, and is checked with. */
export const trainingVectors = (
  { layout }: Network,
  { rows, heldOut }: { readonly rows: EncodedRows; readonly heldOut: EncodedRows },
  seed: string,
): { readonly learnt: Float32Array; readonly heldOut: Float32Array } => ({
  learnt: rowVectors(layout, thinned(rows, random(`${seed} rows`))),
  heldOut: rowVectors(layout, heldOut),
})

/** The autoencoder of the best parameters of a training, and how far off they usually are on rows held out. */
export function finishAutoencoder(
  network: Network,
  { best, curve }: Checkpoint,
  heldOut: Float32Array,
): Autoencoder {
  const { size } = network.layout
  const checked = heldOut.subarray(0, MOST_CHECKED * size)
  const expected = predictHidden(network, best, checked)
  return { network, parameters: best, curve, spread: spreadOf(checked, expected, size) }
}

/** At most so many rows: training draws about as many, and they are held twice. */
const thinned = (rows: EncodedRows, draw: Random): EncodedRows =>
  rows.rows <= MOST_LEARNT ? rows : takeEncoded(rows, sampleWithoutReplacement(rows.rows, MOST_LEARNT, draw))

function spreadOf(truth: Float32Array, expected: Float32Array, size: number): Float32Array {
  const squares = new Float64Array(size)
  for (let i = 0; i < truth.length; i++)
    squares[i % size] = squares[i % size]! + (truth[i]! - expected[i]!) ** 2
  const rows = Math.max(1, truth.length / size)
  return Float32Array.from(squares, (sum) => Math.max(SMALLEST_SPREAD, Math.sqrt(sum / rows)))
}

function scoreAutoencoder(state: Autoencoder, rows: EncodedRows): RowScores {
  const { network, parameters, spread } = state
  const { layout, columns } = network
  const vectors = rowVectors(layout, rows)
  const expected = predictHidden(network, parameters, vectors)
  const scores = new Float32Array(rows.rows)
  const perColumn = new Float32Array(rows.rows * columns)
  for (let i = 0; i < vectors.length; i++) {
    const place = i % layout.size
    const row = Math.floor(i / layout.size)
    const off =
      place < layout.numbers.length
        ? Math.log(1 + ((vectors[i]! - expected[i]!) / spread[place]!) ** 2 / FREEDOM)
        : -vectors[i]! * Math.log(Math.max(SMALLEST_SHARE, expected[i]!))
    scores[row] = scores[row]! + off / columns
    const at = row * columns + layout.columnOf[place]!
    perColumn[at] = perColumn[at]! + off
  }
  return { scores, columns: [perColumn] }
}

/** What explanations need besides the scores. */
export interface AutoencoderValues extends RowScoreValues {
  readonly layout: VectorLayout
  /** What the network expects at each place: float32 [rows, size]. */
  readonly expected: Value
}

/** The autoencoder inside a graph. */
export function graphAutoencoder(
  graph: Graph,
  { network, parameters, spread }: Autoencoder,
  transformed: TransformedValues,
): AutoencoderValues {
  const { layout, columns } = network
  const vectors = graphVectors(graph, layout, transformed)
  const expected = graphPredictHidden(graph, network, { parameters, vectors })
  const float = (value: number): Value => graph.constant(scalar('float32', value))
  const each = (weight: (place: number) => number): Value =>
    graph.constant(floats(Float32Array.from({ length: layout.size }, (_, place) => weight(place))))
  const isNumber = (place: number): boolean => place < layout.numbers.length
  const error = graph.node('Mul', [
    graph.node('Sub', [vectors, expected]),
    each((place) => (isNumber(place) ? 1 / (spread[place]! * Math.sqrt(FREEDOM)) : 0)),
  ])
  const distance = graph.node('Log', [graph.node('Add', [graph.node('Mul', [error, error]), float(1)])])
  const shares = graph.node('Log', [graph.node('Max', [expected, float(SMALLEST_SHARE)])])
  const surprise = graph.node('Mul', [
    graph.node('Mul', [shares, vectors]),
    each((place) => (isNumber(place) ? 0 : -1)),
  ])
  const off = graph.node('Add', [distance, surprise])
  const owners = new Float32Array(layout.size * columns)
  for (const [place, column] of layout.columnOf.entries()) owners[place * columns + column] = 1
  const perColumn = graph.node('MatMul', [off, graph.constant(floats(owners, [layout.size, columns]))])
  const total = graph.node('ReduceSum', [off, graph.constant(longs(1))], { keepdims: { integer: 1 } })
  return { scores: graph.node('Mul', [total, float(1 / columns)]), columns: [perColumn], expected, layout }
}
