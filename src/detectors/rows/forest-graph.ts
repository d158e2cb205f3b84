import type { Graph, Value } from '../../onnx/graph.ts'
import { scalar } from '../../onnx/tensor.ts'
import type { Forest } from './isolation-forest.ts'
import type { RowScoreValues } from './row-detector.ts'
import type { TransformedValues } from './transformer.ts'

/** The forest as one TreeEnsembleRegressor, which every runtime has; then 2^(−mean path / c(ψ)). */
export function graphForest(graph: Graph, forest: Forest, { features }: TransformedValues): RowScoreValues {
  const path: Value = graph.node('TreeEnsembleRegressor', [features], ensembleOf(forest), 'ai.onnx.ml')
  const exponent = graph.node('Mul', [
    path,
    graph.constant(scalar('float32', -1 / (forest.averagePath || 1))),
  ])
  const scores = graph.node('Pow', [graph.constant(scalar('float32', 2)), exponent])
  return { scores, columns: [] }
}

function ensembleOf({ roots, feature, threshold, left, right, missingLeft, depth }: Forest) {
  const nodes = feature.length
  const tree = new Int32Array(nodes)
  const own = new Int32Array(nodes)
  for (let t = 0; t + 1 < roots.length; t++)
    for (let node = roots[t]!; node < roots[t + 1]!; node++) {
      tree[node] = t
      own[node] = node - roots[t]!
    }
  const leaves = Int32Array.from(feature.keys()).filter((node) => feature[node]! < 0)
  const isLeaf = (node: number): boolean => feature[node]! < 0
  return {
    n_targets: { integer: 1 },
    aggregate_function: { text: 'AVERAGE' },
    nodes_treeids: { integers: tree },
    nodes_nodeids: { integers: own },
    nodes_featureids: { integers: feature.map((f) => Math.max(0, f)) },
    nodes_modes: { texts: Array.from(feature, (f) => (f < 0 ? 'LEAF' : 'BRANCH_LEQ')) },
    nodes_values: { floats: threshold },
    nodes_truenodeids: { integers: left.map((child, node) => (isLeaf(node) ? 0 : own[child]!)) },
    nodes_falsenodeids: { integers: right.map((child, node) => (isLeaf(node) ? 0 : own[child]!)) },
    nodes_missing_value_tracks_true: { integers: missingLeft },
    target_treeids: { integers: leaves.map((leaf) => tree[leaf]!) },
    target_nodeids: { integers: leaves.map((leaf) => own[leaf]!) },
    target_ids: { integers: new Int32Array(leaves.length) },
    target_weights: { floats: Float32Array.from(leaves, (leaf) => depth[leaf]!) },
  }
}
