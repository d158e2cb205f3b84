import { componentBook } from '../../src/pipelines/component-book.ts'
import { builtInComponents } from '../../src/pipelines/components/index.ts'
import type { RunEvent } from '../../src/pipelines/drive-run.ts'
import { localExecutor } from '../../src/pipelines/local-executor.ts'
import { type Training, type TrainingRequest, trainDataset } from '../../src/pipelines/train-dataset.ts'
import { folderObjects } from '../../src/tracking/objects.ts'
import type { Store } from '../../src/tracking/store.ts'

export interface TrainWatch {
  readonly onEvent?: (event: RunEvent) => void
  readonly signal?: AbortSignal
}

/** Trains a row model of a dataset by the standard pipeline, its steps in two children of this process. */
export async function trainIn(
  store: Store,
  dataset: { readonly id: number; readonly name: string },
  request: TrainingRequest,
  watch: TrainWatch = {},
): Promise<Training> {
  const objects = folderObjects(store.artifacts)
  const executor = localExecutor({ store, objects, modules: [], parallel: 2, now: Date.now })
  const book = componentBook(builtInComponents)
  const options = { store, objects, executor, book, now: Date.now, place: { store: store.folder }, ...watch }
  try {
    return await trainDataset(dataset, request, options)
  } finally {
    await executor.close()
  }
}
