import type { Graph, Value } from '../../onnx/graph.ts'
import { floats, longs, scalar, type Tensor } from '../../onnx/tensor.ts'
import type { Neighbourhood } from './nearest-neighbours.ts'
import type { RowScoreValues } from './row-detector.ts'
import { graphVectors, type VectorLayout } from './row-vectors.ts'
import type { TransformedValues } from './transformer.ts'

/** What explanations need besides the scores. */
export interface NeighbourValues extends RowScoreValues {
  readonly layout: VectorLayout
  /** Place of the nearest kept row of each bag: int64 [rows, bags]. */
  readonly nearest: Value
  /** Mean of the nearest rows as vectors: float32 [rows, size]. */
  readonly mean: Value
}

/**
 * The nearest kept row of each bag by one product of matrices, then its distance from the difference itself: products of
 * large numbers cancel, and runtimes round them differently.
 */
export function graphNeighbours(
  graph: Graph,
  state: Neighbourhood,
  transformed: TransformedValues,
): NeighbourValues {
  const { layout, vectors, spread } = state
  const own = graphVectors(graph, layout, transformed)
  const kept = graph.constant(floats(vectors, [vectors.length / layout.size, layout.size]))
  const nearest = graphNearest(graph, state, { own, kept })
  const neighbours = graph.node('Gather', [kept, nearest], { axis: { integer: 0 } })
  const apart = graph.node('Sub', [graph.node('Unsqueeze', [own, graph.constant(longs(1))]), neighbours])
  const distances = graph.node('ReduceL2', [apart], { axes: { integers: [2] }, keepdims: { integer: 0 } })
  const mean = graph.node('ReduceMean', [neighbours], { axes: { integers: [1] }, keepdims: { integer: 0 } })
  const away = graph.node('Sub', [own, mean])
  const squares = graph.node('MatMul', [graph.node('Mul', [away, away]), graph.constant(ownersOf(state))])
  const over = (values: Value): Value =>
    graph.node('ReduceMean', [values], { axes: { integers: [1] }, keepdims: { integer: 1 } })
  const toMean = graph.node('ReduceL2', [away], { axes: { integers: [1] }, keepdims: { integer: 1 } })
  const thinness = graph.node('Sqrt', [over(graph.node('Gather', [graph.constant(floats(spread)), nearest]))])
  const gap = graph.node('Add', [over(distances), toMean])
  return {
    scores: graph.node('Div', [gap, graph.node('Mul', [thinness, graph.constant(scalar('float32', 2))])]),
    columns: [graph.node('Sqrt', [squares])],
    layout,
    nearest,
    mean,
  }
}

/** What is added to the squared distance of a kept row: of rows equally far, the first is nearest, however sums are rounded. */
export const precedence = (place: number): number => 1e-9 * place

/**
 * |r|² − 2·x·r for every kept row r, smallest in each bag; |x|² is the same for all. In double precision: which of two rows
 * is nearest must not hang on how a runtime rounds.
 */
function graphNearest(
  graph: Graph,
  { layout, bags, perBag, vectors }: Neighbourhood,
  { own, kept }: { readonly own: Value; readonly kept: Value },
): Value {
  const norms = Float64Array.from({ length: bags * perBag }, (_, place) => {
    let squares = precedence(place)
    for (let j = 0; j < layout.size; j++) squares += vectors[place * layout.size + j]! ** 2
    return squares
  })
  const double = (value: Value): Value => graph.node('Cast', [value], { to: { integer: DOUBLE } })
  const closeness = graph.node(
    'Gemm',
    [double(own), double(kept), graph.constant({ type: 'float64', dims: [norms.length], data: norms })],
    { transB: { integer: 1 }, alpha: { float: -2 } },
  )
  const byBag = graph.node('Reshape', [closeness, graph.constant(longs(-1, bags, perBag))])
  const inBag = graph.node('ArgMin', [byBag], { axis: { integer: 2 }, keepdims: { integer: 0 } })
  const first = longs(...Array.from({ length: bags }, (_, bag) => bag * perBag))
  return graph.node('Add', [inBag, graph.constant(first)])
}

/** Sums the places of a vector into their columns: float32 [size, columns]. */
function ownersOf({ layout: { size, columnOf }, columns }: Neighbourhood): Tensor {
  const owners = new Float32Array(size * columns)
  for (const [j, column] of columnOf.entries()) owners[j * columns + column] = 1
  return floats(owners, [size, columns])
}

/** Number of the element type float64, as Cast takes it. */
const DOUBLE = 11
