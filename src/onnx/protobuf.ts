const encoder = new TextEncoder()
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** A message of the Protocol Buffers wire format, written field by field. Fields are numbered as in its `.proto` file. */
export interface ProtobufWriter {
  integer(field: number, value: number | bigint): ProtobufWriter
  float(field: number, value: number): ProtobufWriter
  text(field: number, value: string): ProtobufWriter
  bytes(field: number, value: Uint8Array): ProtobufWriter
  message(field: number, value: ProtobufWriter): ProtobufWriter
  packedIntegers(field: number, values: ArrayLike<number | bigint>): ProtobufWriter
  /** One number without a field, as packed lists hold them. */
  varint(value: number | bigint): void
  /** What was written so far; a view, valid until the next write. */
  finish(): Uint8Array
}

/**
 * Starts an empty message.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export function protobufWriter(): ProtobufWriter {
  let buffer = new Uint8Array(64)
  let size = 0
  const reserve = (extra: number): void => {
    if (size + extra <= buffer.length) return
    const larger = new Uint8Array(Math.max(2 * buffer.length, size + extra))
    larger.set(buffer)
    buffer = larger
  }
  const varint = (value: number | bigint): void => {
    reserve(10)
    if (typeof value === 'bigint' || value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value))
      for (; rest >= 128n; rest >>= 7n) buffer[size++] = Number(rest & 127n) | 128
      buffer[size++] = Number(rest)
      return
    }
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[size++] = (rest % 128) | 128
    buffer[size++] = rest
  }
  const raw = (value: Uint8Array): void => {
    reserve(value.length)
    buffer.set(value, size)
    size += value.length
  }
  const tag = (field: number, wireType: number): void => varint(field * 8 + wireType)
  const writer: ProtobufWriter = {
    varint,
    integer(field, value) {
      tag(field, 0)
      varint(value)
      return writer
    },
    float(field, value) {
      tag(field, FIXED32)
      reserve(4)
      new DataView(buffer.buffer).setFloat32(size, value, true)
      size += 4
      return writer
    },
    text: (field, value) => writer.bytes(field, encoder.encode(value)),
    bytes(field, value) {
      tag(field, LENGTH_DELIMITED)
      varint(value.length)
      raw(value)
      return writer
    },
    message: (field, value) => writer.bytes(field, value.finish()),
    packedIntegers(field, values) {
      const packed = protobufWriter()
      for (let i = 0; i < values.length; i++) packed.varint(values[i]!)
      return writer.message(field, packed)
    },
    finish: () => buffer.subarray(0, size),
  }
  return writer
}
