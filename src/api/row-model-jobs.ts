import { FiableError, messageOf } from '../data/errors.ts'
import type { BatchExplanation } from '../row-models/explain-batch.ts'
import { runInChild } from '../row-models/run-in-child.ts'
import type { Job } from './schemas.ts'

/** Explanations remembered: each takes a child process some seconds. */
const REMEMBERED = 50

/** Trainings and explanations, in child processes: running a model blocks the thread it runs on. */
export interface RowModelJobs {
  /** Starts a training; a running one of the same dataset is returned instead. */
  train(dataset: string): Job
  /** Where the last training of a dataset stands, null before the first. */
  training(dataset: string): Job | null
  /** The oddest rows of a batch; `version` tells models apart. */
  explain(
    dataset: string,
    wanted: { readonly batch: string; readonly rows: number; readonly version: number },
  ): Promise<BatchExplanation>
  /** Ends the children; a training goes on from its checkpoint when started again. */
  close(): Promise<void>
}

/** Runs `worker`, a module that takes a `RowModelOrder`, over the store in a folder. */
export function createRowModelJobs(worker: URL, store: string): RowModelJobs {
  const trainings = new Map<string, Job>()
  const explanations = new Map<string, Promise<BatchExplanation>>()
  const running = new Set<Promise<unknown>>()
  const stop = new AbortController()
  const run = <T>(work: Promise<T>): Promise<T> => {
    const settled = work.then(
      () => undefined,
      () => undefined,
    )
    running.add(settled)
    void settled.then(() => running.delete(settled))
    return work
  }
  const update = (job: Job): Job => {
    trainings.set(job.dataset, job)
    return job
  }
  const start = (dataset: string): Job => {
    const began: Job = {
      dataset,
      kind: 'train',
      state: 'running',
      stage: 'starting',
      done: 0,
      total: null,
      error: null,
    }
    const order = { store, dataset, task: { kind: 'train', request: {} } } as const
    const onProgress = ({ stage, done, total }: Pick<Job, 'stage' | 'done' | 'total'>): void =>
      void update({ ...began, stage, done, total })
    void run(runInChild(worker, order, { signal: stop.signal, onProgress })).then(
      () => update({ ...trainings.get(dataset)!, state: 'done' }),
      (thrown: unknown) => update({ ...trainings.get(dataset)!, state: 'failed', error: errorOf(thrown) }),
    )
    return update(began)
  }
  return {
    train(dataset) {
      const known = trainings.get(dataset)
      return known?.state === 'running' ? known : start(dataset)
    },
    training: (dataset) => trainings.get(dataset) ?? null,
    explain(dataset, { batch, rows, version }) {
      const key = JSON.stringify([dataset, batch, rows, version])
      const known = explanations.get(key)
      if (known) return known
      const order = { store, dataset, task: { kind: 'explain', batch, rows } } as const
      const asked = run(runInChild(worker, order, { signal: stop.signal }))
      explanations.set(key, asked)
      asked.catch(() => explanations.delete(key))
      if (explanations.size > REMEMBERED) explanations.delete(explanations.keys().next().value!)
      return asked
    },
    async close() {
      stop.abort()
      await Promise.all(running)
    },
  }
}

const errorOf = (thrown: unknown): NonNullable<Job['error']> =>
  thrown instanceof FiableError
    ? { code: thrown.code, message: thrown.message, fix: thrown.fix }
    : { code: 'INTERNAL', message: messageOf(thrown), fix: 'Report this with what the server printed.' }
