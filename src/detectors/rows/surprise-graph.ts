import type { Graph, Value } from '../../onnx/graph.ts'
import { floats, longs, type Tensor } from '../../onnx/tensor.ts'
import type { SurpriseTables } from './frequency-surprise.ts'
import type { RowScoreValues } from './row-detector.ts'
import type { TransformedValues } from './transformer.ts'

/** All tables end to end, looked up for all columns at once. */
export function graphSurprise(
  graph: Graph,
  { columns }: SurpriseTables,
  { codes }: TransformedValues,
): RowScoreValues {
  const parents = columns.map(({ parent }) => Math.max(0, parent))
  const strides = columns.map(({ parent, levels }) => (parent < 0 ? 0 : levels))
  const joint = endToEnd(columns.map(({ surprises }) => surprises))
  const single = endToEnd(columns.map(({ alone }) => alone))
  const lookUp = (table: EndToEnd, at: Value): Value =>
    graph.node('Gather', [graph.constant(table.values), at])
  const given = graph.node('Gather', [codes, graph.constant(longs(...parents))], { axis: { integer: 1 } })
  const line = graph.node('Add', [
    graph.node('Mul', [given, graph.constant(longs(...strides))]),
    graph.constant(joint.starts),
  ])
  const together = lookUp(joint, graph.node('Add', [line, codes]))
  const apart = lookUp(single, graph.node('Add', [codes, graph.constant(single.starts)]))
  return {
    scores: graph.node('ReduceMean', [together], { axes: { integers: [1] }, keepdims: { integer: 1 } }),
    columns: [together, apart],
  }
}

interface EndToEnd {
  readonly values: Tensor
  /** Place of each table's first value. */
  readonly starts: Tensor
}

function endToEnd(tables: readonly Float32Array[]): EndToEnd {
  const values = new Float32Array(tables.reduce((sum, { length }) => sum + length, 0))
  const starts: number[] = []
  let at = 0
  for (const table of tables) {
    starts.push(at)
    values.set(table, at)
    at += table.length
  }
  return { values: floats(values), starts: longs(...starts) }
}
