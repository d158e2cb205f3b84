import { FiableError, messageOf } from '../data/errors.ts'
import { type ExplainOrder, type Explanations, explainInChild } from '../monitor/explain-in-child.ts'
import type { RootCause } from '../monitor/root-cause.ts'
import { componentBook } from '../pipelines/component-book.ts'
import { builtInComponents } from '../pipelines/components/index.ts'
import type { DriveOptions, RunEvent } from '../pipelines/drive-run.ts'
import { localExecutor } from '../pipelines/local-executor.ts'
import { trainDataset } from '../pipelines/train-dataset.ts'
import type { BatchExplanation } from '../row-models/explain-batch.ts'
import { folderObjects } from '../tracking/objects.ts'
import type { Store } from '../tracking/store.ts'
import type { Job } from './schemas.ts'

/** Explanations remembered: each takes a child process some seconds. */
const REMEMBERED = 50

/** Trainings as runs of the training pipeline, and explanations; both work in child processes. */
export interface RowModelJobs {
  /** Starts a training; a running one of the same dataset is returned instead. */
  train(dataset: NamedDataset): Job
  /** Where the last training of a dataset stands, null before the first. */
  training(dataset: string): Job | null
  /** The oddest rows of a batch; `version` tells models apart. */
  explain(
    dataset: string,
    wanted: { readonly batch: string; readonly rows: number; readonly version: number },
  ): Promise<BatchExplanation>
  /** What would make a batch normal again; `asOf` changes when it is judged again. */
  causes(
    dataset: string,
    wanted: { readonly batch: string; readonly asOf: string },
  ): Promise<readonly RootCause[]>
  /** Ends the children; a training goes on from its last complete step when started again. */
  close(): Promise<void>
}

interface NamedDataset {
  readonly id: number
  readonly name: string
}

/** @param worker - A module that takes an `ExplainOrder`. */
export function createRowModelJobs(worker: URL, store: Store): RowModelJobs {
  const trainings = new Map<string, Job>()
  const explanations = new Map<string, Promise<Explanations[keyof Explanations]>>()
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
  const start = (dataset: NamedDataset): Job => {
    const { name } = dataset
    const began: Job = {
      ...{ dataset: name, kind: 'train', state: 'running', stage: 'starting' },
      ...{ done: 0, total: null, error: null },
    }
    const onEvent = ({ path, done, known }: RunEvent): void =>
      void update({ ...began, stage: path, done, total: known })
    void run(train(store, dataset, { onEvent, signal: stop.signal })).then(
      () => update({ ...trainings.get(name)!, state: 'done' }),
      (thrown: unknown) => update({ ...trainings.get(name)!, state: 'failed', error: errorOf(thrown) }),
    )
    return update(began)
  }
  const ask = <What extends keyof Explanations>(
    order: ExplainOrder<What>,
    asOf: string | number,
  ): Promise<Explanations[What]> => {
    const key = JSON.stringify([order, asOf])
    const known = explanations.get(key) as Promise<Explanations[What]> | undefined
    if (known) return known
    const asked = run(explainInChild(worker, order, { signal: stop.signal }))
    explanations.set(key, asked)
    asked.catch(() => explanations.delete(key))
    if (explanations.size > REMEMBERED) explanations.delete(explanations.keys().next().value!)
    return asked
  }
  return {
    train(dataset) {
      const known = trainings.get(dataset.name)
      return known?.state === 'running' ? known : start(dataset)
    },
    training: (dataset) => trainings.get(dataset) ?? null,
    explain: (dataset, { batch, rows, version }) =>
      ask({ what: 'rows', store: store.folder, dataset, batch, rows }, version),
    causes: (dataset, { batch, asOf }) => ask({ what: 'causes', store: store.folder, dataset, batch }, asOf),
    async close() {
      stop.abort()
      await Promise.all(running)
    },
  }
}

/** The standard training with default settings, its steps in children of this process. */
async function train(
  store: Store,
  dataset: NamedDataset,
  watch: Pick<DriveOptions, 'onEvent' | 'signal'>,
): Promise<void> {
  const objects = folderObjects(store.artifacts)
  const executor = localExecutor({ store, objects, modules: [], now: Date.now })
  const book = componentBook(builtInComponents)
  const place = { store: store.folder }
  try {
    await trainDataset(dataset, {}, { store, objects, executor, book, now: Date.now, place, ...watch })
  } finally {
    await executor.close()
  }
}

const errorOf = (thrown: unknown): NonNullable<Job['error']> =>
  thrown instanceof FiableError
    ? { code: thrown.code, message: thrown.message, fix: thrown.fix }
    : { code: 'INTERNAL', message: messageOf(thrown), fix: 'Report this with what the server printed.' }
