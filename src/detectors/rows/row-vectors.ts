import type { Graph, Value } from '../../onnx/graph.ts'
import { floats, longs, scalar } from '../../onnx/tensor.ts'
import type { EncodedRows, Encoding } from './encoded-rows.ts'
import type { TransformedValues } from './transformer.ts'

/** Beyond so many standard deviations, distance grows with the logarithm only: one wild cell must not hide the others. */
export const BEND = 3
/** Codes of a category told apart by its one-hot part; rarer ones share the last. */
const ONE_HOT = 16

/**
 * How a row becomes a vector for distances and networks: bent numbers, 0 (the median) where missing, and categories
 * one-hot.
 */
export interface VectorLayout {
  /** Features taken as numbers: all but those of categories. */
  readonly numbers: readonly number[]
  /** Columns taken one-hot, each with its number of places and its first place in the vector. */
  readonly categories: readonly {
    readonly column: number
    readonly places: number
    readonly first: number
  }[]
  /** Length of a vector. */
  readonly size: number
  /** For each place of the vector, its column. Shape [size]. */
  readonly columnOf: readonly number[]
}

/** The layout for an encoding. */
export function vectorLayout({ columnOf, levels, isCategory }: Encoding): VectorLayout {
  const numbers = columnOf.flatMap((column, feature) => (isCategory[column] ? [] : [feature]))
  const owners = numbers.map((feature) => columnOf[feature]!)
  const categories: VectorLayout['categories'][number][] = []
  for (const [column, count] of levels.entries()) {
    if (!isCategory[column]) continue
    const places = Math.min(count, ONE_HOT)
    categories.push({ column, places, first: owners.length })
    owners.push(...Array<number>(places).fill(column))
  }
  return { numbers, categories, size: owners.length, columnOf: owners }
}

/** A number as distances see it: linear to 3 standard deviations, then logarithmic. NaN becomes 0. */
export function bent(value: number): number {
  if (Number.isNaN(value)) return 0
  const size = Math.abs(value)
  return size <= BEND ? value : Math.sign(value) * (BEND + Math.log1p(size - BEND))
}

/** Rows as vectors. Shape [rows, size], row-major. */
export function rowVectors(
  { numbers, categories, size }: VectorLayout,
  { rows, width, features, codes }: EncodedRows,
): Float32Array {
  const vectors = new Float32Array(rows * size)
  const columns = rows > 0 ? codes.length / rows : 0
  for (let row = 0; row < rows; row++) {
    const at = row * size
    for (let i = 0; i < numbers.length; i++) vectors[at + i] = bent(features[row * width + numbers[i]!]!)
    for (const { column, places, first } of categories)
      vectors[at + first + Math.min(codes[row * columns + column]!, places - 1)] = 1
  }
  return vectors
}

/** The same inside a graph: float32 [rows, size]. */
export function graphVectors(
  graph: Graph,
  layout: VectorLayout,
  { features, codes }: TransformedValues,
): Value {
  const parts: Value[] = []
  if (layout.numbers.length > 0) parts.push(graphBent(graph, graphPick(graph, features, layout.numbers)))
  for (const { column, places } of layout.categories) {
    const code = graph.node('Min', [
      graph.node('Gather', [codes, graph.constant(scalar('int64', column))], { axis: { integer: 1 } }),
      graph.constant(scalar('int64', places - 1)),
    ])
    const onOff = graph.constant(floats([0, 1]))
    parts.push(graph.node('OneHot', [code, graph.constant(longs(places)), onOff], { axis: { integer: -1 } }))
  }
  return parts.length === 1 ? parts[0]! : graph.node('Concat', parts, { axis: { integer: 1 } })
}

/** Some columns of a matrix. */
export const graphPick = (graph: Graph, matrix: Value, columns: readonly number[]): Value =>
  graph.node('Gather', [matrix, graph.constant(longs(...columns))], { axis: { integer: 1 } })

function graphBent(graph: Graph, values: Value): Value {
  const float = (value: number): Value => graph.constant(scalar('float32', value))
  const cast = (value: Value, to: number): Value => graph.node('Cast', [value], { to: { integer: to } })
  const filled = graph.node('Where', [graph.node('IsNaN', [values]), float(0), values])
  const size = graph.node('Abs', [filled])
  const beyond = graph.node('Max', [graph.node('Sub', [size, float(BEND)]), float(0)])
  // In double precision: runtimes round the logarithm of a float32 differently.
  const onePlus = graph.node('Add', [cast(beyond, DOUBLE), graph.constant(scalar('float64', 1))])
  const logarithm = cast(graph.node('Log', [onePlus]), FLOAT)
  const bentSize = graph.node('Add', [graph.node('Min', [size, float(BEND)]), logarithm])
  return graph.node('Mul', [graph.node('Sign', [filled]), bentSize])
}

/** Numbers of element types, as Cast takes them. */
const FLOAT = 1
const DOUBLE = 11
