import type { Tensors } from '../../onnx/session.ts'
import { floatsOf, type Tensor } from '../../onnx/tensor.ts'

/** An output of several runs, end to end; empty when there is none of that name. */
export function joinFloats(parts: readonly Tensors[], name: string): Float32Array {
  const found = parts.flatMap((part) => (part[name] ? [floatsOf(part[name])] : []))
  const joined = new Float32Array(found.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of found) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** The same of whole numbers. */
export const joinLongs = (parts: readonly Tensors[], name: string): Int32Array =>
  Int32Array.from(parts.flatMap((part) => numbersOf(part[name])))

const numbersOf = (tensor: Tensor | undefined): number[] =>
  tensor?.type === 'int64' ? Array.from(tensor.data, Number) : []
