import { FiableError } from '../data/errors.ts'
import type { Graph } from './graph.ts'
import { protobufWriter } from './protobuf.ts'

/** What every runtime since 2021 reads: ONNX 1.12. */
const IR_VERSION = 8
const OPSET = 17
const ML_OPSET = 3

/** The bytes of a model file: one graph, with metadata by key. Same graph, same bytes. */
export function modelFile(graph: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = protobufWriter().integer(1, IR_VERSION).text(2, 'fiable').message(7, graph.message())
  model.message(8, protobufWriter().text(1, '').integer(2, OPSET))
  model.message(8, protobufWriter().text(1, 'ai.onnx.ml').integer(2, ML_OPSET))
  for (const [key, value] of Object.entries(metadata))
    model.message(14, protobufWriter().text(1, key).text(2, value))
  return model.finish().slice()
}

const METADATA = 14
const decoder = new TextDecoder()

/**
 * The metadata of a model file, by key; the graph is skipped, not read.
 *
 * @throws FiableError MALFORMED_FILE when the bytes are no Protocol Buffers message to their end.
 */
export function readMetadata(model: Uint8Array): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>()
  for (const { field, bytes } of fieldsOf(model)) {
    if (field !== METADATA || !bytes) continue
    const entry = new Map([...fieldsOf(bytes)].map((part) => [part.field, part.bytes]))
    metadata.set(textOf(entry.get(1)), textOf(entry.get(2)))
  }
  return metadata
}

const textOf = (bytes: Uint8Array | null | undefined): string => decoder.decode(bytes ?? new Uint8Array())

interface Field {
  readonly field: number
  /** Null for numbers. */
  readonly bytes: Uint8Array | null
}

function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++]
      if (byte === undefined || factor > 2 ** 63) throw malformed(at)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const wireType = tag % 8
    const field = Math.floor(tag / 8)
    if (field === 0) throw malformed(at)
    if (wireType === 0) varint()
    const size = wireType === 2 ? varint() : (FIXED_SIZES[wireType] ?? -1)
    if (size < 0 || at + size > message.length) throw malformed(at)
    yield { field, bytes: wireType === 2 ? message.subarray(at, at + size) : null }
    at += size
  }
}

/** Bytes after the tag, by wire type, where they are not counted by the message itself. */
const FIXED_SIZES: Readonly<Record<number, number>> = { 0: 0, 1: 8, 5: 4 }

const malformed = (at: number) =>
  new FiableError(
    'MALFORMED_FILE',
    `The model file is damaged or no ONNX file: its bytes make no sense at ${at}.`,
    'Train the model again, or restore the file from where it came.',
  )
