import { createGraph, type Graph, type Value } from '../../onnx/graph.ts'
import { modelFile } from '../../onnx/model-file.ts'
import { floats, longs, scalar, type Tensor } from '../../onnx/tensor.ts'
import type { AutoencoderValues } from './autoencoder.ts'
import type { NumericColumn } from './columns/numeric.ts'
import { graphHybrid, type Hybrid } from './hybrid.ts'
import type { Neighbourhood } from './nearest-neighbours.ts'
import type { NeighbourValues } from './neighbours-graph.ts'
import type { FittedRows, RowScoreValues } from './row-detector.ts'
import { METADATA_KEY, type RowModelMetadata } from './row-model-metadata.ts'
import { BEND, type VectorLayout } from './row-vectors.ts'
import { graphTransformer, type Transformer } from './transformer.ts'

/** A fitted detector with its name. */
export interface Member {
  readonly name: string
  readonly fitted: FittedRows
}

/**
 * Scores of the members as they are, for calibrating: `member_scores` [rows, members], and `column_scores`
 * [rows, tellers × columns] of those that tell columns apart.
 */
export function membersModel(transformer: Transformer, members: readonly Member[]): Uint8Array {
  const graph = createGraph('members')
  const { scores, columns } = graphMembers(graph, transformer, members)
  graph.output({ name: 'member_scores', type: 'float32', dims: ['rows', members.length] }, scores)
  if (columns.length > 0)
    graph.output(
      { name: 'column_scores', type: 'float32', dims: ['rows', columns.length * transformer.columns.length] },
      graph.node('Concat', columns, { axis: { integer: 1 } }),
    )
  return modelFile(graph)
}

/**
 * The whole model as one file: rows as they are in, scores out.
 *
 * Outputs, in nats, −ln of the chance among clean rows: `score` [rows], `member_scores` [rows, members],
 * `column_scores` [rows, columns]; and for explanations `expected_numbers` [rows, columns] (NaN where there is none),
 * `expected_codes` [rows, columns] (0 where there is none) and `similar_rows` [rows, bags].
 */
export function rowModelFile(
  model: {
    readonly transformer: Transformer
    readonly members: readonly Member[]
    readonly hybrid: Hybrid
  },
  metadata: RowModelMetadata,
): Uint8Array {
  const { transformer, members, hybrid } = model
  const graph = createGraph(metadata.name)
  const outputs = graphMembers(graph, transformer, members)
  const { score, members: memberScores, columns } = graphHybrid(graph, hybrid, outputs)
  const count = transformer.columns.length
  graph.output(
    { name: 'score', type: 'float32', dims: ['rows'] },
    graph.node('Squeeze', [score, graph.constant(longs(1))]),
  )
  graph.output({ name: 'member_scores', type: 'float32', dims: ['rows', members.length] }, memberScores)
  if (columns) graph.output({ name: 'column_scores', type: 'float32', dims: ['rows', count] }, columns)
  const expected = expectedVectors(outputs.values)
  if (expected) graphExpected(graph, transformer, expected)
  const near = outputs.values.find(isNeighbours)
  if (near)
    graph.output(
      { name: 'similar_rows', type: 'int64', dims: ['rows', neighbourhoodOf(members).bags] },
      near.nearest,
    )
  return modelFile(graph, { [METADATA_KEY]: JSON.stringify(metadata) })
}

function graphMembers(graph: Graph, transformer: Transformer, members: readonly Member[]) {
  const rows = graphTransformer(graph, transformer)
  const values = members.map(({ fitted }) => fitted.graph(graph, rows))
  return {
    values,
    scores: graph.node(
      'Concat',
      values.map(({ scores }) => scores),
      { axis: { integer: 1 } },
    ),
    columns: values.flatMap(({ columns }) => columns),
  }
}

const isNeighbours = (values: RowScoreValues): values is NeighbourValues => 'nearest' in values
const isAutoencoder = (values: RowScoreValues): values is AutoencoderValues => 'expected' in values

/** The state of the nearest neighbours among the members, which must be there. */
export const neighbourhoodOf = (members: readonly Member[]): Neighbourhood =>
  members.find(({ name }) => name === 'nearest-neighbours')!.fitted.state as Neighbourhood

interface ExpectedVectors {
  readonly layout: VectorLayout
  readonly value: Value
}

/** What to expect of a row: what the autoencoder predicts from the other cells, else what the nearest rows hold. */
function expectedVectors(values: readonly RowScoreValues[]): ExpectedVectors | null {
  const network = values.find(isAutoencoder)
  if (network) return { layout: network.layout, value: network.expected }
  const near = values.find(isNeighbours)
  return near ? { layout: near.layout, value: near.mean } : null
}

/**
 * Expected cells in the units of the columns: numbers unbent and rescaled, categories as the code with most weight.
 * Columns of a model are ordered by kind, numbers first, then categories.
 */
function graphExpected(graph: Graph, { columns }: Transformer, { layout, value }: ExpectedVectors): void {
  const numeric = columns
    .filter(({ kind }) => kind === 'numeric')
    .map(({ fitted }) => fitted as NumericColumn)
  const first = graph.node('Slice', [value, ...[0, 1, 1].map((at) => graph.constant(longs(at)))])
  const spread = (data: Tensor): Value =>
    graph.node('Add', [
      graph.node('Mul', [first, graph.constant(scalar('float32', 0))]),
      graph.constant(data),
    ])
  const nothing = (count: number, fill: number): Value =>
    spread(floats(new Float32Array(count).fill(fill), [1, count]))
  const zeros = (count: number): Value => graph.node('Cast', [nothing(count, 0)], { to: { integer: LONG } })
  const others = columns.length - numeric.length
  const rest = others - layout.categories.length
  const numbers = [
    ...(numeric.length > 0 ? [graphNumbers(graph, { value, layout, numeric })] : []),
    ...(others > 0 ? [nothing(others, Number.NaN)] : []),
  ]
  const codes = [
    ...(numeric.length > 0 ? [zeros(numeric.length)] : []),
    ...layout.categories.map((category) => graphCode(graph, value, category)),
    ...(rest > 0 ? [zeros(rest)] : []),
  ]
  const dims = ['rows', columns.length] as const
  const join = (values: readonly Value[]): Value => graph.node('Concat', values, { axis: { integer: 1 } })
  graph.output({ name: 'expected_numbers', type: 'float32', dims }, join(numbers))
  graph.output({ name: 'expected_codes', type: 'int64', dims }, join(codes))
}

function graphNumbers(
  graph: Graph,
  { value, layout, numeric }: ExpectedVectors & { readonly numeric: readonly NumericColumn[] },
): Value {
  const float = (one: number): Value => graph.constant(scalar('float32', one))
  const row = (values: readonly number[]): Value => graph.constant(floats([...values], [1, numeric.length]))
  const places = numeric.map((_, column) => layout.columnOf.indexOf(column))
  const bentValue = graph.node('Gather', [value, graph.constant(longs(...places))], { axis: { integer: 1 } })
  const size = graph.node('Abs', [bentValue])
  const beyond = graph.node('Max', [graph.node('Sub', [size, float(BEND)]), float(0)])
  const growth = graph.node('Sub', [graph.node('Exp', [beyond]), float(1)])
  const straight = graph.node('Add', [graph.node('Min', [size, float(BEND)]), growth])
  const signed = graph.node('Mul', [graph.node('Sign', [bentValue]), straight])
  const scaled = graph.node('Mul', [signed, row(numeric.map(({ scale }) => scale))])
  return graph.node('Add', [scaled, row(numeric.map(({ center }) => center))])
}

function graphCode(graph: Graph, value: Value, { first, places }: VectorLayout['categories'][number]): Value {
  const bounds = [first, first + places, 1].map((at) => graph.constant(longs(at)))
  const own = graph.node('Slice', [value, ...bounds])
  return graph.node('ArgMax', [own], { axis: { integer: 1 }, keepdims: { integer: 1 } })
}

/** Number of the element type int64, as Cast takes it. */
const LONG = 7
