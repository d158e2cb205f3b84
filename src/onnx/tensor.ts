import { FiableError } from '../data/errors.ts'

/** Typed arrays that hold each element type, row-major; booleans are bytes 0 or 1. */
export interface TensorArrays {
  readonly float32: Float32Array
  readonly float64: Float64Array
  readonly int32: Int32Array
  readonly int64: BigInt64Array
  readonly bool: Uint8Array
  readonly string: readonly string[]
}

export type TensorType = keyof TensorArrays

/** A tensor: element type, dimensions (none for a scalar) and values, row-major. */
export type Tensor = {
  readonly [Type in TensorType]: {
    readonly type: Type
    readonly dims: readonly number[]
    readonly data: TensorArrays[Type]
  }
}[TensorType]

/** A float32 tensor; dimensions default to one as long as the data. */
export const floats = (data: Float32Array | readonly number[], dims?: readonly number[]): Tensor => ({
  type: 'float32',
  dims: dims ?? [data.length],
  data: data instanceof Float32Array ? data : Float32Array.from(data),
})

/** An int64 tensor of one dimension, as shapes and axes are given to operators. */
export const longs = (...data: readonly number[]): Tensor => ({
  type: 'int64',
  dims: [data.length],
  data: BigInt64Array.from(data, BigInt),
})

/** A tensor without dimensions. */
export function scalar(type: 'float32' | 'float64' | 'int32' | 'int64', value: number): Tensor {
  if (type === 'float32') return { type, dims: [], data: Float32Array.of(value) }
  if (type === 'float64') return { type, dims: [], data: Float64Array.of(value) }
  if (type === 'int32') return { type, dims: [], data: Int32Array.of(value) }
  return { type, dims: [], data: BigInt64Array.of(BigInt(value)) }
}

/** The float32 values of a tensor that must be one. */
export function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.type === 'float32') return tensor.data
  throw new FiableError(
    'INTERNAL',
    `A float32 tensor was expected, not ${tensor ? `one of ${tensor.type}` : 'none'}.`,
    'Report this with the model that was run.',
  )
}
