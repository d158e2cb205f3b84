import { FiableError } from '../data/errors.ts'
import { type ProtobufWriter, protobufWriter } from './protobuf.ts'
import type { TensorSlot } from './session.ts'
import type { Tensor, TensorType } from './tensor.ts'

/** Every tensor inside a graph is named with this first: columns of users may be named anything else. */
export const RESERVED_PREFIX = 'fiable:'

/** Element types as numbered by TensorProto.DataType of onnx.proto. */
export const DATA_TYPES: Readonly<Record<TensorType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float64: 11,
}

/** The name of a tensor within its graph. */
export type Value = string & { readonly kind?: 'tensor of a graph' }

/** An attribute of an operator; whole numbers travel as `integer`, so that 1 and 1.0 stay apart. */
export type Attribute =
  | { readonly integer: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly integers: ArrayLike<number> }
  | { readonly floats: Float32Array }
  | { readonly texts: readonly string[] }
  | { readonly graph: Graph }

export type Attributes = Readonly<Record<string, Attribute>>

/** The default operators, or those for classical machine learning. */
export type Domain = '' | 'ai.onnx.ml'

/** A graph under construction: live state, to be written once. */
export interface Graph {
  /** Declares an input under a name of the caller's. @throws FiableError BAD_ARGUMENT for a taken or reserved name. */
  input(slot: TensorSlot): Value
  /** Declares an input with a name made here, as the body of a loop has. */
  innerInput(slot: Omit<TensorSlot, 'name'>): Value
  constant(tensor: Tensor): Value
  /** Adds an operator with one output. */
  node(operator: string, inputs: readonly Value[], attributes?: Attributes, domain?: Domain): Value
  /** Adds an operator with several outputs. */
  nodes(
    operator: string,
    inputs: readonly Value[],
    options: { readonly outputs: number; readonly attributes?: Attributes; readonly domain?: Domain },
  ): readonly Value[]
  /** Gives a value out under a name of the caller's. */
  output(slot: TensorSlot, value: Value): void
  /** Gives a value out under the name it has, as the body of a loop does. */
  innerOutput(slot: Omit<TensorSlot, 'name'>, value: Value): void
  /** A graph for a loop's body: it may use the values of this one. */
  body(): Graph
  /** The GraphProto. */
  message(): ProtobufWriter
}

/** Starts an empty graph. */
export const createGraph = (name: string): Graph => buildGraph(name, nameMaker())

const nameMaker = (): (() => Value) => {
  let next = 0
  return () => `${RESERVED_PREFIX}${next++}`
}

function buildGraph(name: string, freshName: () => Value): Graph {
  const taken = new Set<string>()
  const parts = { nodes: [], constants: [], inputs: [], outputs: [] } as Record<
    'nodes' | 'constants' | 'inputs' | 'outputs',
    ProtobufWriter[]
  >
  const claim = (wanted: string): string => {
    if (taken.has(wanted) || wanted.startsWith(RESERVED_PREFIX)) throw nameTaken(wanted)
    taken.add(wanted)
    return wanted
  }
  const graph: Graph = {
    input(slot) {
      parts.inputs.push(valueInfo({ ...slot, name: claim(slot.name) }))
      return slot.name
    },
    innerInput(slot) {
      const value = freshName()
      parts.inputs.push(valueInfo({ ...slot, name: value }))
      return value
    },
    constant(tensor) {
      const value = freshName()
      parts.constants.push(tensorMessage(tensor, value))
      return value
    },
    node: (operator, inputs, attributes = {}, domain = '') =>
      graph.nodes(operator, inputs, { outputs: 1, attributes, domain })[0]!,
    nodes(operator, inputs, { outputs, attributes = {}, domain = '' }) {
      const values = Array.from({ length: outputs }, freshName)
      parts.nodes.push(nodeMessage({ operator, inputs, outputs: values, attributes, domain }))
      return values
    },
    output(slot, value) {
      parts.outputs.push(valueInfo({ ...slot, name: claim(slot.name) }))
      const same = { operator: 'Identity', inputs: [value], outputs: [slot.name] }
      parts.nodes.push(nodeMessage({ ...same, attributes: {}, domain: '' }))
    },
    innerOutput(slot, value) {
      parts.outputs.push(valueInfo({ ...slot, name: value }))
    },
    body: () => buildGraph(`${name} body`, freshName),
    message() {
      const message = protobufWriter()
      for (const node of parts.nodes) message.message(1, node)
      message.text(2, name)
      for (const constant of parts.constants) message.message(5, constant)
      for (const input of parts.inputs) message.message(11, input)
      for (const output of parts.outputs) message.message(12, output)
      return message
    },
  }
  return graph
}

const nameTaken = (name: string) =>
  new FiableError(
    'BAD_ARGUMENT',
    `The name ${JSON.stringify(name)} is taken in the graph, or begins with ${RESERVED_PREFIX}, which is reserved.`,
    'Name the input or output otherwise.',
  )

interface Node {
  readonly operator: string
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly attributes: Attributes
  readonly domain: Domain
}

function nodeMessage({ operator, inputs, outputs, attributes, domain }: Node): ProtobufWriter {
  const message = protobufWriter()
  for (const input of inputs) message.text(1, input)
  for (const output of outputs) message.text(2, output)
  message.text(3, `${operator} ${outputs[0]}`).text(4, operator)
  for (const [name, attribute] of Object.entries(attributes))
    message.message(5, attributeMessage(name, attribute))
  return domain ? message.text(7, domain) : message
}

/** AttributeProto: the value in the field of its kind, and the kind's number in field 20. */
function attributeMessage(name: string, attribute: Attribute): ProtobufWriter {
  const message = protobufWriter().text(1, name)
  if ('float' in attribute) return message.float(2, attribute.float).integer(20, 1)
  if ('integer' in attribute) return message.integer(3, attribute.integer).integer(20, 2)
  if ('text' in attribute) return message.text(4, attribute.text).integer(20, 3)
  if ('graph' in attribute) return message.message(6, attribute.graph.message()).integer(20, 5)
  if ('floats' in attribute) return message.bytes(7, bytesOf(attribute.floats)).integer(20, 6)
  if ('integers' in attribute) return message.packedIntegers(8, attribute.integers).integer(20, 7)
  for (const text of attribute.texts) message.text(9, text)
  return message.integer(20, 8)
}

function tensorMessage(tensor: Tensor, name: string): ProtobufWriter {
  const message = protobufWriter()
  for (const dim of tensor.dims) message.integer(1, dim)
  message.integer(2, DATA_TYPES[tensor.type])
  if (tensor.type === 'string') for (const text of tensor.data) message.text(6, text)
  message.text(8, name)
  return tensor.type === 'string' ? message : message.bytes(9, bytesOf(tensor.data))
}

/** ONNX holds numbers little-endian, as every machine that Node runs on does. */
const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

function valueInfo({ name, type, dims }: TensorSlot): ProtobufWriter {
  const shape = protobufWriter()
  for (const dim of dims) {
    const dimension = protobufWriter()
    shape.message(1, typeof dim === 'number' ? dimension.integer(1, dim) : dimension.text(2, dim))
  }
  const tensor = protobufWriter().integer(1, DATA_TYPES[type]).message(2, shape)
  return protobufWriter().text(1, name).message(2, protobufWriter().message(1, tensor))
}
