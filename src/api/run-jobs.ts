import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import { builtInPipelines } from '../pipelines/built-in-pipelines.ts'
import { componentBook } from '../pipelines/component-book.ts'
import { builtInComponents } from '../pipelines/components/index.ts'
import type { DriveOptions } from '../pipelines/drive-run.ts'
import { localExecutor } from '../pipelines/local-executor.ts'
import { type RunOptions, resumeRun, runPipeline } from '../pipelines/run-pipeline.ts'
import { folderObjects } from '../tracking/objects.ts'
import type { Store } from '../tracking/store.ts'

/** Runs driven by the server, their steps in children of it. */
export interface RunJobs {
  /**
   * Starts a run of a pipeline that comes with Fiable; returns its number as soon as it is stored.
   *
   * @throws FiableError NOT_FOUND, BAD_ARGUMENT.
   */
  start(pipeline: string, parameters: Readonly<Record<string, Json>>): Promise<number>
  /** Goes on with a run that did not end well. @throws FiableError NOT_FOUND, CONFLICT. */
  retry(id: number): Promise<number>
  /** Cancels what is going on, which may be retried. */
  close(): Promise<void>
}

export function createRunJobs(store: Store): RunJobs {
  const objects = folderObjects(store.artifacts)
  const executor = localExecutor({ store, objects, modules: [], now: Date.now })
  const book = componentBook(builtInComponents)
  const stop = new AbortController()
  const options: DriveOptions = { store, objects, executor, book, now: Date.now, signal: stop.signal }
  const running = new Set<Promise<unknown>>()
  /** The number of a run once it is driven; how it ends is in the store. */
  const begin = (drive: (onRun: NonNullable<RunOptions['onRun']>) => Promise<unknown>): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const whole = drive(resolve)
      .catch(reject)
      .finally(() => running.delete(whole))
    running.add(whole)
    return promise
  }
  return {
    start(name, given) {
      const { graph } = pipelineNamed(name)
      const place = Object.hasOwn(graph.parameters, 'store') ? { store: store.folder } : {}
      const parameters = { ...place, ...given }
      return begin((onRun) => runPipeline(graph, { ...options, parameters, onRun }))
    },
    retry: (id) => begin((onRun) => resumeRun(id, { ...options, onRun })),
    async close() {
      stop.abort()
      await Promise.all(running)
      await executor.close()
    },
  }
}

function pipelineNamed(name: string) {
  const found = builtInPipelines.find(({ graph }) => graph.name === name)
  if (found) return found
  throw new FiableError(
    'NOT_FOUND',
    `There is no pipeline ${name}.`,
    `Name one of ${builtInPipelines.map(({ graph }) => graph.name).join(', ')}.`,
  )
}
