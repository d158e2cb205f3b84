import { availableParallelism } from 'node:os'
import { FiableError } from '../data/errors.ts'
import { type ComponentBook, componentBook, loadComponents } from '../pipelines/component-book.ts'
import { builtInComponents } from '../pipelines/components/index.ts'
import type { DriveOptions } from '../pipelines/drive-run.ts'
import { fleetExecutor } from '../pipelines/fleet-executor.ts'
import { localExecutor } from '../pipelines/local-executor.ts'
import { openQueue } from '../pipelines/queue.ts'
import type { TaskExecutor } from '../pipelines/task-executor.ts'
import { folderObjects, type Objects } from '../tracking/objects.ts'
import { s3Objects } from '../tracking/s3-objects.ts'
import { isDatabaseUrl, openStore, type Store } from '../tracking/store.ts'

/** Where the state and the files are. */
export interface PlaceFlags {
  readonly store: string
  readonly artifacts?: string
  readonly components?: readonly string[]
  readonly parallel?: string
}

/** Options of commands that run steps. */
export interface RunnerFlags extends PlaceFlags {
  readonly fleet?: boolean
  readonly cache: boolean
  readonly format: 'text' | 'json'
}

/** The store, its files, and the components known here. */
export interface Place {
  readonly store: Store
  readonly objects: Objects
  readonly book: ComponentBook
  readonly modules: readonly string[]
}

/** Opens the store and its files for the time of `work`. */
export async function withPlace<T>(flags: PlaceFlags, work: (place: Place) => Promise<T>): Promise<T> {
  const modules = flags.components ?? []
  const book = componentBook([...builtInComponents, ...(await loadComponents(modules))])
  const bucket = flags.artifacts?.startsWith('s3://') ? flags.artifacts : null
  const store = await openStore(flags.store, bucket ? undefined : flags.artifacts)
  try {
    const objects = bucket ? await s3Objects(bucket, store.artifacts) : folderObjects(store.artifacts)
    return await work({ store, objects, book, modules })
  } finally {
    await store.close()
  }
}

/** Opens what a run needs for the time of `work`. */
export function withRunner<T>(flags: RunnerFlags, work: (options: DriveOptions) => Promise<T>): Promise<T> {
  return withPlace(flags, async (place) => {
    const executor = await executorFor(flags, place)
    try {
      const { store, objects, book } = place
      return await work({ store, objects, executor, book, now: Date.now, useCache: flags.cache })
    } finally {
      await executor.close()
    }
  })
}

async function executorFor(flags: RunnerFlags, { store, objects, modules }: Place): Promise<TaskExecutor> {
  const parallel = flags.parallel === undefined ? {} : { parallel: numberOf(flags.parallel, '--parallel') }
  if (!flags.fleet) return localExecutor({ store, objects, modules, now: Date.now, ...parallel })
  return fleetExecutor({ store, queue: await openQueue(sharedUrl(flags)), ...parallel })
}

/** The URL of the shared store, without which there is no fleet. */
export function sharedUrl({ store }: PlaceFlags): string {
  if (isDatabaseUrl(store)) return store
  throw new FiableError(
    'BAD_ARGUMENT',
    `The store ${store} is a folder; a fleet shares a PostgreSQL.`,
    'Give --store postgresql://user@host/database, and --artifacts with a shared folder or s3://bucket/prefix.',
  )
}

/** Steps at once: as asked, else one per core. */
export const parallelOf = ({ parallel }: PlaceFlags): number =>
  parallel === undefined ? availableParallelism() : numberOf(parallel, '--parallel')

/** A whole number from 1, given as a text. */
export function numberOf(text: string, what: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new FiableError(
    'BAD_ARGUMENT',
    `${what} was ${text}; it must be a whole number from 1.`,
    'Give a number, such as 2.',
  )
}
