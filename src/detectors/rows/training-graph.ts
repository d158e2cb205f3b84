import type { Graph, Value } from '../../onnx/graph.ts'
import { createGraph } from '../../onnx/graph.ts'
import { modelFile } from '../../onnx/model-file.ts'
import { longs, scalar } from '../../onnx/tensor.ts'
import type { Network } from './network.ts'
import { graphForward, graphHeads, graphHide, graphLayers, graphLosses } from './network-graph.ts'

/** Decay of Adam's two means, and what keeps its division finite: the values of the paper. */
export const FIRST_DECAY = 0.9
export const SECOND_DECAY = 0.999
const EPSILON = 1e-8

/** What one run of the training graph goes on from. */
export interface Descent {
  /** All weights and biases. */
  readonly parameters: Float32Array
  /** Adam's means of the gradient and of its square. */
  readonly mean: Float32Array
  readonly square: Float32Array
}

/**
 * A model whose one run is many steps of training: forward, backward and Adam inside a Loop.
 *
 * Inputs: the descent so far; `vectors` [rows, size]; `order` [steps × batch], the row of each place of each batch;
 * `chosen`, the pattern that hides its columns; `places` and `columns`, the patterns; `rates` [steps], with Adam's
 * correction of its beginning. Outputs: the descent after the steps, and `loss`, the mean per row.
 *
 * @see Kingma & Ba (2015), Adam: a method for stochastic optimization, ICLR, algorithm 1.
 */
export function trainingModel(network: Network, batch: number): Uint8Array {
  const graph = createGraph('training')
  const descent = (['parameters', 'mean', 'square'] as const).map((name) =>
    graph.input({ name, type: 'float32', dims: [network.size] }),
  )
  const data = dataInputs(graph, network)
  const rates = graph.input({ name: 'rates', type: 'float32', dims: ['steps'] })
  const body = trainingStep(graph, network, { ...data, rates, batch })
  const steps = graph.node('Squeeze', [graph.node('Shape', [rates])])
  const yes = graph.constant({ type: 'bool', dims: [], data: Uint8Array.of(1) })
  const zero = graph.constant(scalar('float32', 0))
  const [parameters, mean, square, total] = graph.nodes('Loop', [steps, yes, ...descent, zero], {
    outputs: 4,
    attributes: { body: { graph: body } },
  })
  const vector = { type: 'float32', dims: [network.size] } as const
  graph.output({ name: 'nextParameters', ...vector }, parameters!)
  graph.output({ name: 'nextMean', ...vector }, mean!)
  graph.output({ name: 'nextSquare', ...vector }, square!)
  const count = graph.node('Cast', [steps], { to: { integer: 1 } })
  graph.output({ name: 'loss', type: 'float32', dims: [] }, graph.node('Div', [total!, count]))
  return modelFile(graph)
}

interface DataValues {
  readonly vectors: Value
  readonly order: Value
  readonly chosen: Value
  readonly places: Value
  readonly columns: Value
}

function dataInputs(graph: Graph, { layout, columns, patterns }: Network): DataValues {
  return {
    vectors: graph.input({ name: 'vectors', type: 'float32', dims: ['rows', layout.size] }),
    order: graph.input({ name: 'order', type: 'int32', dims: ['slots'] }),
    chosen: graph.input({ name: 'chosen', type: 'int32', dims: ['slots'] }),
    places: graph.input({ name: 'places', type: 'float32', dims: [patterns, layout.size] }),
    columns: graph.input({ name: 'columns', type: 'float32', dims: [patterns, columns] }),
  }
}

function trainingStep(
  graph: Graph,
  network: Network,
  data: DataValues & { readonly rates: Value; readonly batch: number },
): Graph {
  const body = graph.body()
  const step = body.innerInput({ type: 'int64', dims: [] })
  const condition = body.innerInput({ type: 'bool', dims: [] })
  const vector = { type: 'float32', dims: [network.size] } as const
  const [parameters, mean, square] = [vector, vector, vector].map((slot) => body.innerInput(slot))
  const total = body.innerInput({ type: 'float32', dims: [] })
  const { vectors, places, columns } = gatherBatch(body, data, step)
  const layers = graphLayers(body, network.layers, parameters!)
  const { entered, output } = graphForward(
    body,
    layers,
    graphHide(body, network, { vectors, places, columns }),
  )
  const answers = graphHeads(body, network.layout, output)
  const share = body.constant(scalar('float32', 1 / data.batch))
  const losses = body.node('Mul', [graphLosses(body, network, { answers, vectors }), places])
  const loss = body.node('Mul', [body.node('ReduceSum', [losses], { keepdims: { integer: 0 } }), share])
  // Half the squared error of a number and the cross-entropy of shares have the same slope: answer less truth.
  const slope = body.node('Mul', [body.node('Mul', [body.node('Sub', [answers, vectors]), places]), share])
  const gradient = graphBackward(body, { layers, entered, slope })
  const rate = body.node('Gather', [data.rates, step], { axis: { integer: 0 } })
  const next = graphAdam(body, { parameters: parameters!, mean: mean!, square: square!, gradient, rate })
  body.innerOutput({ type: 'bool', dims: [] }, body.node('Identity', [condition]))
  for (const value of next) body.innerOutput(vector, value)
  body.innerOutput({ type: 'float32', dims: [] }, body.node('Add', [total, loss]))
  return body
}

function gatherBatch(
  graph: Graph,
  { vectors, order, chosen, places, columns, batch }: DataValues & { readonly batch: number },
  step: Value,
): Omit<DataValues, 'order' | 'chosen'> {
  const from = graph.node('Mul', [
    graph.node('Reshape', [step, graph.constant(longs(1))]),
    graph.constant(longs(batch)),
  ])
  const to = graph.node('Add', [from, graph.constant(longs(batch))])
  const rows = graph.node('Slice', [order, from, to])
  const patterns = graph.node('Slice', [chosen, from, to])
  const take = (matrix: Value, which: Value): Value =>
    graph.node('Gather', [matrix, which], { axis: { integer: 0 } })
  return { vectors: take(vectors, rows), places: take(places, patterns), columns: take(columns, patterns) }
}

/** The gradient of all parameters in their flat order, from the slope of the loss at the network's end. */
function graphBackward(
  graph: Graph,
  run: {
    readonly layers: readonly { readonly weights: Value }[]
    readonly entered: readonly Value[]
    readonly slope: Value
  },
): Value {
  const gradients: Value[] = []
  let { slope } = run
  for (let l = run.layers.length - 1; l >= 0; l--) {
    const entered = run.entered[l]!
    const weights = graph.node('Gemm', [entered, slope], { transA: { integer: 1 } })
    const flat = graph.node('Reshape', [weights, graph.constant(longs(-1))])
    const biases = graph.node('ReduceSum', [slope, graph.constant(longs(0))], { keepdims: { integer: 0 } })
    gradients.unshift(flat, biases)
    if (l === 0) break
    const back = graph.node('Gemm', [slope, run.layers[l]!.weights], { transB: { integer: 1 } })
    // What entered this layer was rectified: positive where the layer before was open, else 0.
    slope = graph.node('Mul', [back, graph.node('Sign', [entered])])
  }
  return graph.node('Concat', gradients, { axis: { integer: 0 } })
}

interface AdamValues {
  readonly parameters: Value
  readonly mean: Value
  readonly square: Value
  readonly gradient: Value
  readonly rate: Value
}

function graphAdam(graph: Graph, { parameters, mean, square, gradient, rate }: AdamValues): readonly Value[] {
  const float = (value: number): Value => graph.constant(scalar('float32', value))
  const blend = (old: Value, fresh: Value, decay: number): Value =>
    graph.node('Add', [graph.node('Mul', [old, float(decay)]), graph.node('Mul', [fresh, float(1 - decay)])])
  const nextMean = blend(mean, gradient, FIRST_DECAY)
  const nextSquare = blend(square, graph.node('Mul', [gradient, gradient]), SECOND_DECAY)
  const size = graph.node('Add', [graph.node('Sqrt', [nextSquare]), float(EPSILON)])
  const change = graph.node('Div', [graph.node('Mul', [nextMean, rate]), size])
  return [graph.node('Sub', [parameters, change]), nextMean, nextSquare]
}

/** A model that gives the loss of parameters on rows that were not learnt from, all patterns in turn. */
export function validationModel(network: Network): Uint8Array {
  const graph = createGraph('validation')
  const parameters = graph.input({ name: 'parameters', type: 'float32', dims: [network.size] })
  const { layout, columns } = network
  const vectors = graph.input({ name: 'vectors', type: 'float32', dims: ['rows', layout.size] })
  const places = graph.input({ name: 'places', type: 'float32', dims: ['rows', layout.size] })
  const hidden = graph.input({ name: 'columns', type: 'float32', dims: ['rows', columns] })
  const layers = graphLayers(graph, network.layers, parameters)
  const { output } = graphForward(
    graph,
    layers,
    graphHide(graph, network, { vectors, places, columns: hidden }),
  )
  const answers = graphHeads(graph, layout, output)
  const losses = graph.node('Mul', [graphLosses(graph, network, { answers, vectors }), places])
  const perRow = graph.node('ReduceSum', [losses, graph.constant(longs(1))], { keepdims: { integer: 0 } })
  const loss = graph.node('ReduceMean', [perRow], { keepdims: { integer: 0 } })
  graph.output({ name: 'loss', type: 'float32', dims: [] }, loss)
  return modelFile(graph)
}
