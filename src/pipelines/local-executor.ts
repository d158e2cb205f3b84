import { availableParallelism } from 'node:os'
import type { Objects } from '../tracking/objects.ts'
import type { Store } from '../tracking/store.ts'
import { makeAttempt } from './attempt.ts'
import { childPool } from './child-pool.ts'
import type { TaskExecutor } from './task-executor.ts'

export interface LocalOptions {
  readonly store: Store
  readonly objects: Objects
  /** Modules of components, beside those that come with Fiable. */
  readonly modules: readonly string[]
  /** Steps at once; the cores of the machine by default. */
  readonly parallel?: number
  readonly now: () => number
}

/** Runs steps in children of this process, which end with it. */
export function localExecutor({
  modules,
  parallel = availableParallelism(),
  ...context
}: LocalOptions): TaskExecutor {
  const pool = childPool(modules)
  return {
    parallel,
    execute: (job, signal) => makeAttempt(job, { ...context, pool, signal }),
    isAlive: () => false,
    close: () => pool.close(),
  }
}
