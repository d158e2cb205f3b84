import type { JobMessage, JobRequest } from '../api/jobs.ts'
import { FiableError, messageOf } from '../data/errors.ts'
import type { OnProgress } from '../data/progress.ts'
import { type Dataset, datasetNamed, open } from '../monitor/project.ts'
import { labelOfBatch } from './demo.ts'
import { leanHeap } from './lean-heap.ts'

leanHeap()

/** Child process of the server: checks or drills one dataset, says how it goes, and ends. */
process.once('message', (request) => {
  void work(request as JobRequest).finally(() => process.disconnect())
})
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('disconnect', () => stop.abort())

const say = (message: JobMessage): void => {
  process.send?.(message)
}

async function work({ dataset: name, kind, store, baseFolder, declaration }: JobRequest): Promise<void> {
  const project = await open({ store, baseFolder })
  try {
    const dataset = declaration ? await project.dataset(name, declaration) : await datasetNamed(project, name)
    await works[kind](dataset)
  } catch (thrown) {
    say({ kind: 'failed', error: errorOf(thrown) })
  } finally {
    await project.close()
  }
}

const onProgress: OnProgress = (progress) => say({ kind: 'progress', ...progress })

/** What each kind of job does with a dataset. */
const works: Readonly<Record<JobRequest['kind'], (dataset: Dataset) => Promise<void>>> = {
  async check(dataset) {
    await dataset.check({
      signal: stop.signal,
      labelOf: labelOfBatch,
      onProgress,
      onVerdict: (verdict) => say({ kind: 'verdict', verdict }),
    })
  },
  async drill(dataset) {
    const { drill } = await import('../evaluation/drill.ts')
    const { storeDrill } = await import('../evaluation/scorecard-files.ts')
    await storeDrill(dataset, await drill(dataset, { signal: stop.signal, onProgress }), Date.now())
  },
  async 'fire-drill'(dataset) {
    const { fireDrill } = await import('../evaluation/fire-drill.ts')
    const { storeFireDrill } = await import('../evaluation/scorecard-files.ts')
    await storeFireDrill(dataset, await fireDrill(dataset, { atMs: Date.now(), onProgress }))
  },
}

const errorOf = (thrown: unknown) =>
  thrown instanceof FiableError
    ? { code: thrown.code, message: thrown.message, fix: thrown.fix }
    : { code: 'INTERNAL', message: messageOf(thrown), fix: 'Report this with what the server printed.' }
