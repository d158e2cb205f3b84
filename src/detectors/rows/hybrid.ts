import type { Graph, Value } from '../../onnx/graph.ts'
import { scalar } from '../../onnx/tensor.ts'
import { fitTails, graphSurprises, surprises, type TailCurves } from './tail-calibration.ts'

/** Weight of the most surprised member beside the mean of all: what one sees alone must not be voted down. */
const GUARD = 1
/** Most nats per unit: forests score between 0 and 1; cells and sums count in standard deviations and nats. */
const STEEPEST_SCORE = 1000
const STEEPEST_CELL = 8
/** Surprises count as at least this much before logarithms are taken. */
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
  /** One per member that tells columns apart, each with a series per column. */
  readonly columns: readonly TailCurves[]
  /** Of the most surprising cell of a row; null when no member tells columns apart. */
  readonly cell: TailCurves | null
  readonly score: TailCurves
}

/**
 * Learns to combine detectors: each score becomes the surprise −ln of its chance among clean rows; the row's is their
 * mean plus the largest, as a surprise again. The most surprising cell counts as one more member.
 *
 * @param outputs - Of clean rows that no member learnt from.
 * @param count - Members.
 */
export function fitHybrid(outputs: MemberOutputs, count: number): Hybrid {
  const rows = outputs.scores.length / count
  const members = fitTails(outputs.scores, count, STEEPEST_SCORE)
  const columns = outputs.columns.map((own) => fitTails(own, own.length / rows, STEEPEST_CELL))
  const cells = columnSurprises(columns, outputs)
  const highest = cells && highestOf(cells, rows)
  const cell = highest && fitTails(highest, 1, STEEPEST_CELL)
  const hybrid = { members, columns, cell }
  return { ...hybrid, score: fitTails(combined(hybrid, outputs, count), 1, STEEPEST_CELL) }
}

/**
 * Geometric mean of the surprise of each cell over the members that tell columns apart: a cell at fault surprises all of
 * them, one that is only predicted from it surprises some. Null without any. Shape [rows, columns].
 */
function columnSurprises(curves: readonly TailCurves[], { columns }: MemberOutputs): Float32Array | null {
  const all = columns.map((own, i) => surprises(curves[i]!, own))
  const [first, ...others] = all
  return first
    ? first.map((value, i) => others.reduce((sum, own) => sum + own[i]!, value) / all.length)
    : null
}

function highestOf(cells: Float32Array, rows: number): Float32Array {
  const columns = cells.length / rows
  return Float32Array.from({ length: rows }, (_, row) =>
    cells.subarray(row * columns, (row + 1) * columns).reduce((high, value) => Math.max(high, value), 0),
  )
}

/** Mean plus the largest of the members' surprises and that of the most surprising cell. Shape [rows]. */
function combined(
  { members, columns, cell }: Omit<Hybrid, 'score'>,
  outputs: MemberOutputs,
  count: number,
): Float32Array {
  const rows = outputs.scores.length / count
  const own = surprises(members, outputs.scores)
  const cells = columnSurprises(columns, outputs)
  const guard = cell && cells ? surprises(cell, highestOf(cells, rows)) : null
  return Float32Array.from({ length: rows }, (_, row) => {
    const said = [...own.subarray(row * count, (row + 1) * count), ...(guard ? [guard[row]!] : [])]
    return said.reduce((sum, value) => sum + value, 0) / said.length + GUARD * Math.max(...said)
  })
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
  { members, columns, cell, score }: Hybrid,
  outputs: { readonly scores: Value; readonly columns: readonly Value[] },
): HybridValues {
  const own = graphSurprises(graph, members, outputs.scores)
  const each = outputs.columns.map((value, i) => graphSurprises(graph, columns[i]!, value))
  const smallest = graph.constant(scalar('float32', SMALLEST))
  const logarithms = each.map((own) => graph.node('Log', [graph.node('Max', [own, smallest])]))
  const cells = each.length > 0 ? graph.node('Exp', [graph.node('Mean', logarithms)]) : null
  const along = { axes: { integers: [1] }, keepdims: { integer: 1 } }
  const zero = graph.constant(scalar('float32', 0))
  const highest = cells && graph.node('Max', [graph.node('ReduceMax', [cells], along), zero])
  const said =
    cell && highest
      ? graph.node('Concat', [own, graphSurprises(graph, cell, highest)], { axis: { integer: 1 } })
      : own
  const largest = graph.node('Mul', [
    graph.node('ReduceMax', [said], along),
    graph.constant(scalar('float32', GUARD)),
  ])
  const sum = graph.node('Add', [graph.node('ReduceMean', [said], along), largest])
  return { score: graphSurprises(graph, score, sum), members: own, columns: cells }
}
