import type { Graph, Value } from '../../onnx/graph.ts'
import { floats, scalar } from '../../onnx/tensor.ts'
import { fitTails, graphSurprises, surprises, type TailCurves } from './tail-calibration.ts'

/** Weight of the most surprising cell, as one more member. */
const CELL_WEIGHT = 1
/** Most nats per unit: forests score between 0 and 1; cells and sums count in standard deviations and nats. */
const STEEPEST_SCORE = 1000
const STEEPEST_CELL = 8
/** Surprises count as at least this much before roots are taken. */
const SMALLEST = 0.01

/** What members said of rows, in their own units. */
export interface MemberOutputs {
  /** Shape [rows, members], row-major. */
  readonly scores: Float32Array
  /** Of each member that tells columns apart. Shape [rows, columns], row-major. */
  readonly columns: readonly Float32Array[]
}

/** How members' scores become one: every curve learnt from clean rows held out. */
export interface Hybrid {
  readonly members: TailCurves
  /** What each member counts in the score of a row. */
  readonly weights: readonly number[]
  /** One per member that tells columns apart, each with a series per column. */
  readonly columns: readonly TailCurves[]
  /** Of the most surprising cell of a row; null when no member tells columns apart. */
  readonly cell: TailCurves | null
  readonly score: TailCurves
}

/**
 * Learns to combine detectors: each score becomes the surprise −ln of its chance among clean rows; the row's is their
 * weighted root mean square, so that what one sees alone is not voted down, as a surprise again. The most surprising cell
 * counts as one more member.
 *
 * @param outputs - Of clean rows that no member learnt from.
 * @param weights - One per member, positive.
 */
export function fitHybrid(outputs: MemberOutputs, weights: readonly number[]): Hybrid {
  const rows = outputs.scores.length / weights.length
  const members = fitTails(outputs.scores, weights.length, STEEPEST_SCORE)
  const columns = outputs.columns.map((own) => fitTails(own, own.length / rows, STEEPEST_CELL))
  const cells = columnSurprises(columns, outputs)
  const highest = cells && highestOf(cells, rows)
  const cell = highest && fitTails(highest, 1, STEEPEST_CELL)
  const hybrid = { members, weights, columns, cell }
  return { ...hybrid, score: fitTails(combined(hybrid, outputs), 1, STEEPEST_CELL) }
}

/**
 * The surprise of each cell over the members that tell columns apart, the square of the mean root: a cell at fault
 * surprises all of them, one that is only predicted from it surprises some. Null without any. Shape [rows, columns].
 */
function columnSurprises(curves: readonly TailCurves[], { columns }: MemberOutputs): Float32Array | null {
  const roots = columns.map((own, i) => surprises(curves[i]!, own).map(rootOf))
  const [first, ...others] = roots
  return first
    ? first.map((root, i) => (others.reduce((sum, own) => sum + own[i]!, root) / roots.length) ** 2)
    : null
}

const rootOf = (surprise: number): number => Math.sqrt(Math.max(SMALLEST, surprise))

function highestOf(cells: Float32Array, rows: number): Float32Array {
  const columns = cells.length / rows
  return Float32Array.from({ length: rows }, (_, row) =>
    cells.subarray(row * columns, (row + 1) * columns).reduce((high, value) => Math.max(high, value), 0),
  )
}

/** Root mean square of the members' surprises and that of the most surprising cell. Shape [rows]. */
function combined(
  { members, weights, columns, cell }: Omit<Hybrid, 'score'>,
  outputs: MemberOutputs,
): Float32Array {
  const count = weights.length
  const rows = outputs.scores.length / count
  const own = surprises(members, outputs.scores)
  const cells = columnSurprises(columns, outputs)
  const highest = cell && cells ? surprises(cell, highestOf(cells, rows)) : null
  const shares = sharesOf(weights, highest !== null)
  return Float32Array.from({ length: rows }, (_, row) => {
    const said = [...own.subarray(row * count, (row + 1) * count), ...(highest ? [highest[row]!] : [])]
    return Math.sqrt(said.reduce((sum, value, i) => sum + shares[i]! * Math.max(0, value) ** 2, 0))
  })
}

/** Weights that sum to 1, that of the most surprising cell last. */
function sharesOf(weights: readonly number[], hasCell: boolean): readonly number[] {
  const all = hasCell ? [...weights, CELL_WEIGHT] : weights
  const total = all.reduce((sum, weight) => sum + weight, 0)
  return all.map((weight) => weight / total)
}

/** What the combination gives inside a graph, all in nats. */
export interface HybridValues {
  /** float32 [rows, 1]. */
  readonly score: Value
  /** float32 [rows, members]. */
  readonly members: Value
  /** float32 [rows, columns], or null. */
  readonly columns: Value | null
}

/** The combination inside a graph. */
export function graphHybrid(
  graph: Graph,
  { members, weights, columns, cell, score }: Hybrid,
  outputs: { readonly scores: Value; readonly columns: readonly Value[] },
): HybridValues {
  const own = graphSurprises(graph, members, outputs.scores)
  const each = outputs.columns.map((value, i) => graphSurprises(graph, columns[i]!, value))
  const smallest = graph.constant(scalar('float32', SMALLEST))
  const roots = each.map((own) => graph.node('Sqrt', [graph.node('Max', [own, smallest])]))
  const root = each.length > 0 ? graph.node('Mean', roots) : null
  const cells = root && graph.node('Mul', [root, root])
  const along = { axes: { integers: [1] }, keepdims: { integer: 1 } }
  const zero = graph.constant(scalar('float32', 0))
  const highest = cells && graph.node('Max', [graph.node('ReduceMax', [cells], along), zero])
  const said =
    cell && highest
      ? graph.node('Concat', [own, graphSurprises(graph, cell, highest)], { axis: { integer: 1 } })
      : own
  const shares = sharesOf(weights, said !== own)
  const positive = graph.node('Max', [said, zero])
  const squares = graph.node('MatMul', [
    graph.node('Mul', [positive, positive]),
    graph.constant(floats([...shares], [shares.length, 1])),
  ])
  return { score: graphSurprises(graph, score, graph.node('Sqrt', [squares])), members: own, columns: cells }
}
