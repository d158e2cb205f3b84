import type { Json } from '../data/json.ts'
import { folderObjects } from '../tracking/objects.ts'
import { openStore, type Store } from '../tracking/store.ts'
import { componentBook, loadComponents } from './component-book.ts'
import { builtInComponents } from './components/index.ts'
import { datasetIn } from './components/store-inputs.ts'
import type { DriveOptions, RunResult } from './drive-run.ts'
import { localExecutor } from './local-executor.ts'
import type { Pipeline } from './pipeline.ts'
import { resumeRun, runPipeline } from './run-pipeline.ts'
import { type Training, type TrainingRequest, trainDataset } from './train-dataset.ts'

export interface RunnerOptions {
  /** Folder of the store, `.fiable` by default. */
  readonly store?: string
  /** Modules that export components; the children load them by path. */
  readonly components?: readonly string[]
  /** Steps at once; the cores of the machine by default. */
  readonly parallel?: number
}

export interface RunSettings extends Pick<DriveOptions, 'useCache' | 'onEvent' | 'signal'> {
  readonly parameters?: Readonly<Record<string, Json>>
  readonly project?: string
}

export type TrainSettings = Pick<RunSettings, 'onEvent' | 'signal'>

/** Runs pipelines on this machine. Close it. */
export interface Runner {
  readonly store: Store
  /** @throws FiableError BAD_CONFIG or BAD_ARGUMENT before anything runs; a failed step is a result, not an error. */
  run(pipeline: Pick<Pipeline, 'graph'>, settings?: RunSettings): Promise<RunResult>
  /**
   * Trains a row model of a checked dataset by the standard training pipeline.
   *
   * @throws FiableError NOT_FOUND for an unknown dataset; what `trainDataset` throws.
   */
  train(dataset: string, request?: TrainingRequest, settings?: TrainSettings): Promise<Training>
  /** Goes on with a run that failed, was cancelled, or lost its runner. */
  resume(runId: number, settings?: RunSettings): Promise<RunResult>
  /** A file that a run gave, to be read only. */
  pathOf(digest: string): Promise<string>
  close(): Promise<void>
}

/** Opens a runner on the store in a folder. */
export async function openRunner({
  store: folder = '.fiable',
  components = [],
  ...rest
}: RunnerOptions = {}): Promise<Runner> {
  const book = componentBook([...builtInComponents, ...(await loadComponents(components))])
  const store = await openStore(folder)
  const objects = folderObjects(store.artifacts)
  const executor = localExecutor({ store, objects, modules: components, now: Date.now, ...rest })
  const options: DriveOptions = { store, objects, executor, book, now: Date.now }
  return {
    store,
    run: (pipeline, settings = {}) => runPipeline(pipeline.graph, { ...options, ...settings }),
    async train(name, request = {}, settings = {}) {
      const place = { store: store.folder }
      return trainDataset(await datasetIn(store, name), request, { ...options, ...settings, place })
    },
    resume: (runId, settings = {}) => resumeRun(runId, { ...options, ...settings }),
    pathOf: (digest) => objects.pathOf(digest),
    async close() {
      await executor.close()
      await store.close()
    },
  }
}
