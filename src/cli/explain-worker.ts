import { FiableError, messageOf } from '../data/errors.ts'
import { openEngine } from '../engines/duckdb.ts'
import { openOnnx } from '../engines/onnx.ts'
import type { ExplainOrder, ExplainReply, Explanations } from '../monitor/explain-in-child.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import { explainBatch } from '../row-models/explain-batch.ts'

/** Child process that explains one batch and ends. */
process.once('message', (order) => {
  void work(order as ExplainOrder).finally(() => process.disconnect())
})

const say = (reply: ExplainReply): void => {
  process.send?.(reply)
}

async function work(order: ExplainOrder): Promise<void> {
  try {
    say({ kind: 'done', explanation: await explanations[order.what](order) })
  } catch (thrown) {
    say({ kind: 'failed', error: errorOf(thrown) })
  }
}

type Explain = {
  readonly [What in keyof Explanations]: (order: ExplainOrder) => Promise<Explanations[What]>
}

const explanations: Explain = { rows: explainRows, causes: explainCauses }

async function explainCauses({ store, dataset: name, batch }: ExplainOrder): Promise<Explanations['causes']> {
  const project = await open({ store, threads: 1 })
  try {
    const dataset = await datasetNamed(project, name)
    return await dataset.rootCauses(batch ?? (await dataset.explain()).verdict.batch)
  } finally {
    await project.close()
  }
}

async function explainRows({
  store: folder,
  dataset: name,
  batch,
  rows,
}: ExplainOrder): Promise<Explanations['rows']> {
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
