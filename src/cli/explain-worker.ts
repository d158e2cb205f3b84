import { FiableError, messageOf } from '../data/errors.ts'
import { openEngine } from '../engines/duckdb.ts'
import { openOnnx } from '../engines/onnx.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import { explainBatch } from '../row-models/explain-batch.ts'
import type { ExplainOrder, ExplainReply } from '../row-models/explain-in-child.ts'

/** Child process that explains one batch and ends. */
process.once('message', (order) => {
  void work(order as ExplainOrder).finally(() => process.disconnect())
})

const say = (reply: ExplainReply): void => {
  process.send?.(reply)
}

async function work(order: ExplainOrder): Promise<void> {
  try {
    say({ kind: 'done', explanation: await explain(order) })
  } catch (thrown) {
    say({ kind: 'failed', error: errorOf(thrown) })
  }
}

async function explain({ store: folder, dataset: name, batch, rows }: ExplainOrder) {
  const project = await open({ store: folder })
  const engine = await openEngine({ threads: 1 })
  try {
    const { id } = await datasetNamed(project, name)
    const context = { store: project.store, engine, openSession: openOnnx, dataset: { id, name } }
    return await explainBatch(context, { batch, rows })
  } finally {
    engine.close()
    await project.close()
  }
}

const errorOf = (thrown: unknown) =>
  thrown instanceof FiableError
    ? { code: thrown.code, message: thrown.message, fix: thrown.fix }
    : ({
        code: 'INTERNAL',
        message: messageOf(thrown),
        fix: 'Report this with what was printed.',
      } as const)
