import type { JobMessage, JobRequest } from '../api/jobs.ts'
import { FiableError, messageOf } from '../data/errors.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import { labelOfBatch } from './demo.ts'
import { leanHeap } from './lean-heap.ts'

leanHeap()

/** Child process of the server: checks one dataset, says how it goes, and ends. */
process.once('message', (request) => {
  void work(request as JobRequest).finally(() => process.disconnect())
})
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('disconnect', () => stop.abort())

const say = (message: JobMessage): void => {
  process.send?.(message)
}

async function work({ dataset: name, store, baseFolder, declaration }: JobRequest): Promise<void> {
  const project = await open({ store, baseFolder })
  try {
    const dataset = declaration ? await project.dataset(name, declaration) : await datasetNamed(project, name)
    await dataset.check({
      signal: stop.signal,
      labelOf: labelOfBatch,
      onProgress: (progress) => say({ kind: 'progress', ...progress }),
      onVerdict: (verdict) => say({ kind: 'verdict', verdict }),
    })
  } catch (thrown) {
    say({ kind: 'failed', error: errorOf(thrown) })
  } finally {
    await project.close()
  }
}

const errorOf = (thrown: unknown) =>
  thrown instanceof FiableError
    ? { code: thrown.code, message: thrown.message, fix: thrown.fix }
    : { code: 'INTERNAL', message: messageOf(thrown), fix: 'Report this with what the server printed.' }
