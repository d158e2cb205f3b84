import type { InferenceSession, Tensor as NativeTensor } from 'onnxruntime-node'
import { FiableError, messageOf } from '../data/errors.ts'
import type { Session, TensorSlot, Tensors } from '../onnx/session.ts'
import type { Tensor, TensorType } from '../onnx/tensor.ts'

/**
 * Loads a model into ONNX Runtime, on one thread of the CPU: same feeds, same numbers.
 *
 * The native library loads at the first call, not at import.
 *
 * @throws FiableError ENGINE_FAILED when the library is absent, MALFORMED_FILE when it refuses the model.
 */
export async function openOnnx(model: Uint8Array): Promise<Session> {
  const runtime = await loadRuntime()
  const session = await createSession(runtime, model)
  const inputs = session.inputMetadata.map(slotOf)
  const outputs = session.outputMetadata.map(slotOf)
  return {
    inputs,
    outputs,
    async run(feeds, wanted = session.outputNames) {
      checkFeeds(inputs, feeds)
      const native = Object.fromEntries(
        Object.entries(feeds).map(([name, { type, data, dims }]) => [
          name,
          new runtime.Tensor(type, data as Float32Array, dims),
        ]),
      )
      return tensorsOf(await guard(() => session.run(native, [...wanted])))
    },
    release: () => session.release(),
  }
}

type Runtime = typeof import('onnxruntime-node')

async function loadRuntime(): Promise<Runtime> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new FiableError(
      'ENGINE_FAILED',
      `ONNX Runtime could not be loaded: ${messageOf(cause)}`,
      'Run `npm ci` again so that onnxruntime-node is installed for this platform.',
      { cause },
    )
  }
}

async function createSession(runtime: Runtime, model: Uint8Array): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      // Takes minutes for the graph of a table with thousands of columns, and gains nothing measurable for ours.
      graphOptimizationLevel: 'disabled',
      // Waiting threads would burn a core, and an arena would keep the memory of the largest run.
      enableCpuMemArena: false,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
  } catch (cause) {
    throw new FiableError(
      'MALFORMED_FILE',
      `ONNX Runtime refused the model: ${messageOf(cause)}`,
      'Check that the file is a whole ONNX model of opset 17 or older, or train it again.',
      { cause },
    )
  }
}

const slotOf = (value: InferenceSession.ValueMetadata): TensorSlot =>
  value.isTensor
    ? { name: value.name, type: value.type as TensorType, dims: value.shape }
    : { name: value.name, type: 'float32', dims: [] }

/** ONNX Runtime ignores feeds it does not know, and reads some wrong shapes: every name, type and dimension is checked here. */
function checkFeeds(inputs: readonly TensorSlot[], feeds: Tensors): void {
  const known = new Map(inputs.map((slot) => [slot.name, slot]))
  for (const name of Object.keys(feeds))
    if (!known.has(name))
      throw badFeed(`an input ${JSON.stringify(name)} that the model does not have`, inputs)
  const varying = new Map<string, number>()
  for (const slot of inputs) {
    const feed = Object.hasOwn(feeds, slot.name) ? feeds[slot.name] : undefined
    if (!feed) throw badFeed(`no input ${JSON.stringify(slot.name)}`, inputs)
    if (!fits(slot, feed, varying))
      throw badFeed(
        `${JSON.stringify(slot.name)} as ${feed.type} [${feed.dims}] of ${feed.data.length} values instead of ${slot.type} [${slot.dims}]`,
        inputs,
      )
  }
}

/** Whether a feed has the declared type and dimensions; those that vary must agree among all inputs. */
function fits(slot: TensorSlot, feed: Tensor, varying: Map<string, number>): boolean {
  if (feed.type !== slot.type || feed.dims.length !== slot.dims.length) return false
  if (feed.dims.reduce((product, dim) => product * dim, 1) !== feed.data.length) return false
  return slot.dims.every((wanted, i) => {
    const given = feed.dims[i]!
    if (typeof wanted === 'number') return wanted === given
    const agreed = varying.get(wanted) ?? given
    varying.set(wanted, agreed)
    return agreed === given
  })
}

const SHOWN = 12

const badFeed = (seen: string, inputs: readonly TensorSlot[]) =>
  new FiableError(
    'BAD_ARGUMENT',
    `The model was given ${seen}.`,
    `Give exactly these inputs: ${inputs
      .slice(0, SHOWN)
      .map(({ name }) => JSON.stringify(name))
      .join(', ')}${inputs.length > SHOWN ? ` and ${inputs.length - SHOWN} more` : ''}.`,
  )

async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new FiableError(
      'ENGINE_FAILED',
      `ONNX Runtime failed to run the model: ${messageOf(cause)}`,
      'Report this with the model; the values fed had the declared types and shapes.',
      { cause },
    )
  }
}

const tensorsOf = (outputs: InferenceSession.ReturnType): Tensors =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      const { type, dims, data } = value as NativeTensor
      return [name, { type, dims, data } as unknown as Tensor]
    }),
  )
