import { FiableError, messageOf } from '../data/errors.ts'
import { openEngine } from '../engines/duckdb.ts'
import { openOnnx } from '../engines/onnx.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import { explainBatch } from '../row-models/explain-batch.ts'
import type { RowModelOrder, RowModelReply } from '../row-models/run-in-child.ts'
import { trainForDataset } from '../row-models/train-for-dataset.ts'
import { VERSION } from './version.ts'

/** Child process that trains or explains, says how it goes, and ends; on SIGTERM or SIGINT after the next checkpoint. */
process.once('message', (order) => {
  void work(order as RowModelOrder).finally(() => process.disconnect())
})
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

const say = (reply: RowModelReply): void => {
  process.send?.(reply)
}

async function work(order: RowModelOrder): Promise<void> {
  try {
    say({ kind: 'done', result: await carryOut(order) })
  } catch (thrown) {
    say({ kind: 'failed', error: errorOf(thrown) })
  }
}

async function carryOut({ store: folder, dataset: name, task }: RowModelOrder) {
  const project = await open({ store: folder })
  const engine = await openEngine({ threads: 1 })
  try {
    const { id } = await datasetNamed(project, name)
    const context = { store: project.store, engine, openSession: openOnnx, dataset: { id, name } }
    if (task.kind === 'explain') return await explainBatch(context, task)
    const progress = { onProgress: (now: Parameters<typeof sayProgress>[0]) => sayProgress(now) }
    const training = { ...context, ...progress, now: Date.now, version: VERSION, signal: stop.signal }
    return await trainForDataset(training, task.request)
  } finally {
    engine.close()
    await project.close()
  }
}

const sayProgress = (progress: {
  readonly stage: string
  readonly done: number
  readonly total: number | null
}) => say({ kind: 'progress', ...progress })

const errorOf = (thrown: unknown) =>
  thrown instanceof FiableError
    ? { code: thrown.code, message: thrown.message, fix: thrown.fix }
    : ({
        code: 'INTERNAL',
        message: messageOf(thrown),
        fix: 'Report this with what was printed.',
      } as const)
