import { FiableError } from '../data/errors.ts'
import { componentBook, loadComponents } from '../pipelines/component-book.ts'
import { builtInComponents } from '../pipelines/components/index.ts'
import type { DriveOptions } from '../pipelines/drive-run.ts'
import { localExecutor } from '../pipelines/local-executor.ts'
import { folderObjects } from '../tracking/objects.ts'
import { openStore } from '../tracking/store.ts'

/** Options of commands that run steps. */
export interface RunnerFlags {
  readonly store: string
  readonly artifacts?: string
  readonly components?: readonly string[]
  readonly parallel?: string
  readonly fleet?: boolean
  readonly cache: boolean
  readonly format: 'text' | 'json'
}

/** Opens what a run needs for the time of `work`. */
export async function withRunner<T>(
  flags: RunnerFlags,
  work: (options: DriveOptions) => Promise<T>,
): Promise<T> {
  const modules = flags.components ?? []
  const book = componentBook([...builtInComponents, ...(await loadComponents(modules))])
  const store = await openStore(flags.store)
  const objects = folderObjects(store.artifacts)
  const parallel = flags.parallel === undefined ? {} : { parallel: numberOf(flags.parallel, '--parallel') }
  const executor = localExecutor({ store, objects, modules, now: Date.now, ...parallel })
  try {
    return await work({ store, objects, executor, book, now: Date.now, useCache: flags.cache })
  } finally {
    await executor.close()
    await store.close()
  }
}

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
