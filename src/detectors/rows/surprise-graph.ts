import type { Graph } from '../../onnx/graph.ts'
import { floats, longs } from '../../onnx/tensor.ts'
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
  const starts: number[] = []
  let total = 0
  for (const { surprises } of columns) {
    starts.push(total)
    total += surprises.length
  }
  const all = new Float32Array(total)
  for (const [c, { surprises }] of columns.entries()) all.set(surprises, starts[c]!)
  const given = graph.node('Gather', [codes, graph.constant(longs(...parents))], { axis: { integer: 1 } })
  const line = graph.node('Add', [
    graph.node('Mul', [given, graph.constant(longs(...strides))]),
    graph.constant(longs(...starts)),
  ])
  const surprises = graph.node('Gather', [graph.constant(floats(all)), graph.node('Add', [line, codes])])
  const scores = graph.node('ReduceMean', [surprises], { axes: { integers: [1] }, keepdims: { integer: 1 } })
  return { scores, columns: surprises }
}
