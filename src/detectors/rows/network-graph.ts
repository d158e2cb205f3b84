import type { Graph, Value } from '../../onnx/graph.ts'
import { longs, scalar } from '../../onnx/tensor.ts'
import type { Layer, Network } from './network.ts'
import type { VectorLayout } from './row-vectors.ts'

/** Weights and biases of a layer as values. */
export interface LayerValues {
  readonly weights: Value
  readonly biases: Value
}

/** Cuts the flat vector of parameters into layers. */
export function graphLayers(graph: Graph, layers: readonly Layer[], parameters: Value): LayerValues[] {
  const sizes = layers.flatMap(({ inputs, outputs }) => [inputs * outputs, outputs])
  const parts = graph.nodes('Split', [parameters, graph.constant(longs(...sizes))], {
    outputs: sizes.length,
    attributes: { axis: { integer: 0 } },
  })
  return layers.map(({ inputs, outputs }, l) => ({
    weights: graph.node('Reshape', [parts[2 * l]!, graph.constant(longs(inputs, outputs))]),
    biases: parts[2 * l + 1]!,
  }))
}

/** Runs the layers, rectified but for the last; gives what entered each layer, and the end. */
export function graphForward(graph: Graph, layers: readonly LayerValues[], input: Value) {
  const entered: Value[] = []
  let value = input
  for (const [l, { weights, biases }] of layers.entries()) {
    entered.push(value)
    value = graph.node('Gemm', [value, weights, biases])
    if (l + 1 < layers.length) value = graph.node('Relu', [value])
  }
  return { entered, output: value }
}

/** What enters the network: the places that are seen, and which columns are not. */
export function graphHide(
  graph: Graph,
  { isCovered }: Pick<Network, 'isCovered'>,
  { vectors, places, columns }: { readonly vectors: Value; readonly places: Value; readonly columns: Value },
): Value {
  const float = (value: number): Value => graph.constant(scalar('float32', value))
  const covered = graph.node('Mul', [places, float(isCovered ? 1 : 0)])
  const seen = graph.node('Sub', [float(1), covered])
  return graph.node('Concat', [graph.node('Mul', [vectors, seen]), columns], { axis: { integer: 1 } })
}

/** The network's answer for each place: numbers as they are, categories as shares that sum to 1. */
export function graphHeads(graph: Graph, { numbers, categories }: VectorLayout, output: Value): Value {
  if (categories.length === 0) return output
  const sizes = [...(numbers.length > 0 ? [numbers.length] : []), ...categories.map(({ places }) => places)]
  const parts =
    sizes.length === 1
      ? [output]
      : graph.nodes('Split', [output, graph.constant(longs(...sizes))], {
          outputs: sizes.length,
          attributes: { axis: { integer: 1 } },
        })
  const first = sizes.length - categories.length
  const heads = parts.map((part, i) =>
    i < first ? part : graph.node('Softmax', [part], { axis: { integer: 1 } }),
  )
  return heads.length === 1 ? heads[0]! : graph.node('Concat', heads, { axis: { integer: 1 } })
}

/** Shares of categories are not believed to be below this. */
export const SMALLEST_SHARE = 1e-6

/**
 * What each place adds to the loss, for places hidden: half the squared error of a number, −ln of the share of the
 * category that is there. float32 [rows, size].
 */
export function graphLosses(
  graph: Graph,
  { layout }: Pick<Network, 'layout'>,
  { answers, vectors }: { readonly answers: Value; readonly vectors: Value },
): Value {
  const { isNumber, isCategory } = placeKinds(graph, layout)
  const error = graph.node('Sub', [answers, vectors])
  const squares = graph.node('Mul', [graph.node('Mul', [error, error]), isNumber])
  if (layout.categories.length === 0) return squares
  const shares = graph.node('Max', [answers, graph.constant(scalar('float32', SMALLEST_SHARE))])
  const entropy = graph.node('Mul', [graph.node('Mul', [graph.node('Log', [shares]), vectors]), isCategory])
  return graph.node('Add', [squares, entropy])
}

/** ½ at the places of numbers, −1 at those of categories. */
function placeKinds(graph: Graph, { numbers, size }: VectorLayout) {
  const at = (isThere: (place: number) => boolean, weight: number): Value =>
    graph.constant({
      type: 'float32',
      dims: [size],
      data: Float32Array.from({ length: size }, (_, place) => (isThere(place) ? weight : 0)),
    })
  return {
    isNumber: at((place) => place < numbers.length, 0.5),
    isCategory: at((place) => place >= numbers.length, -1),
  }
}
