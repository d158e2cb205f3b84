import type { Tensor, TensorType } from './tensor.ts'

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>

/** What a model takes or gives under a name; a dimension that may vary is a word. */
export interface TensorSlot {
  readonly name: string
  readonly type: TensorType
  readonly dims: readonly (number | string)[]
}

/** A loaded model, ready to run. Release it. */
export interface Session {
  readonly inputs: readonly TensorSlot[]
  readonly outputs: readonly TensorSlot[]
  /** Blocks the thread while it runs; `wanted` limits what is computed. */
  run(feeds: Tensors, wanted?: readonly string[]): Promise<Tensors>
  release(): Promise<void>
}

/** Loads a model from the bytes of its file. */
export type OpenSession = (model: Uint8Array) => Promise<Session>
