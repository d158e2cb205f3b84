import type { Graph, Value } from '../../onnx/graph.ts'
import { floats, longs, scalar } from '../../onnx/tensor.ts'
import { hiddenPlaces, type Layer, type Network } from './network.ts'
import { graphForward, graphHeads, graphHide, graphLayers } from './network-graph.ts'

/**
 * What a network expects at every place of rows, each place while it is hidden, averaged over the patterns that hide it.
 *
 * @param vectors - Shape [rows, layout.size].
 * @returns Numbers as such, categories as shares. Shape [rows, layout.size].
 */
export function predictHidden(
  network: Network,
  parameters: Float32Array,
  vectors: Float32Array,
): Float32Array {
  const { layout, patterns, columns, hidden, isCovered } = network
  const expected = new Float32Array(vectors.length)
  const places = hiddenPlaces(network)
  const weights = patternWeights(network)
  const input = new Float32Array(layout.size + columns)
  for (let at = 0; at < vectors.length; at += layout.size)
    for (let p = 0; p < patterns; p++) {
      for (let j = 0; j < layout.size; j++)
        input[j] = isCovered && places[p * layout.size + j] === 1 ? 0 : vectors[at + j]!
      input.set(hidden.subarray(p * columns, (p + 1) * columns), layout.size)
      const answer = forward(network.layers, parameters, input)
      shareOut(network, answer)
      for (let j = 0; j < layout.size; j++)
        expected[at + j] = expected[at + j]! + answer[j]! * weights[p * layout.size + j]!
    }
  return expected
}

/** 1 / how often a place is hidden where a pattern hides it, else 0. Shape [patterns, layout.size]. */
function patternWeights(network: Network): Float32Array {
  const weights = hiddenPlaces(network)
  const { size } = network.layout
  for (let j = 0; j < size; j++) {
    let times = 0
    for (let p = 0; p < network.patterns; p++) times += weights[p * size + j]!
    for (let p = 0; p < network.patterns; p++) weights[p * size + j] = weights[p * size + j]! / times
  }
  return weights
}

function forward(layers: readonly Layer[], parameters: Float32Array, input: Float32Array): Float32Array {
  let value = input
  for (const [l, { inputs, outputs, weightsAt, biasesAt }] of layers.entries()) {
    const next = parameters.slice(biasesAt, biasesAt + outputs)
    for (let i = 0; i < inputs; i++) {
      const own = value[i]!
      if (own === 0) continue
      for (let o = 0; o < outputs; o++) next[o] = next[o]! + own * parameters[weightsAt + i * outputs + o]!
    }
    if (l + 1 < layers.length) for (let o = 0; o < outputs; o++) next[o] = Math.max(0, next[o]!)
    value = next
  }
  return value
}

/** Turns the answers at the places of each category into shares that sum to 1. */
function shareOut({ layout }: Network, answer: Float32Array): void {
  for (const { first, places } of layout.categories) {
    const own = answer.subarray(first, first + places)
    const highest = own.reduce((high, value) => Math.max(high, value), -Infinity)
    const total = own.reduce((sum, value) => sum + Math.exp(value - highest), 0)
    for (let j = 0; j < places; j++) own[j] = Math.exp(own[j]! - highest) / total
  }
}

/** The same inside a graph: float32 [rows, layout.size]. */
export function graphPredictHidden(
  graph: Graph,
  network: Network,
  { parameters, vectors }: { readonly parameters: Float32Array; readonly vectors: Value },
): Value {
  const { layout, patterns, columns, hidden } = network
  const layers = graphLayers(graph, network.layers, graph.constant(floats(parameters)))
  const places = hiddenPlaces(network)
  const weights = patternWeights(network)
  const rowOf = (all: Float32Array, p: number, size: number): Float32Array =>
    all.slice(p * size, (p + 1) * size)
  const zeros = graph.node('Mul', [
    graph.node('Slice', [vectors, ...[0, 1, 1].map((at) => graph.constant(longs(at)))]),
    graph.constant(scalar('float32', 0)),
  ])
  const parts = Array.from({ length: patterns }, (_, p) => {
    const spread = graph.node('Add', [zeros, graph.constant(floats(rowOf(hidden, p, columns), [1, columns]))])
    const input = graphHide(graph, network, {
      vectors,
      places: graph.constant(floats(rowOf(places, p, layout.size), [1, layout.size])),
      columns: spread,
    })
    const answers = graphHeads(graph, layout, graphForward(graph, layers, input).output)
    return graph.node('Mul', [
      answers,
      graph.constant(floats(rowOf(weights, p, layout.size), [1, layout.size])),
    ])
  })
  return parts.length === 1 ? parts[0]! : graph.node('Sum', parts)
}
