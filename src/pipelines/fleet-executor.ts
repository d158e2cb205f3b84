import { type ErrorCode, FiableError } from '../data/errors.ts'
import { type ExecutionRecord, toExecution } from '../tracking/executions.ts'
import type { Store } from '../tracking/store.ts'
import { isAway, patiently } from './patiently.ts'
import type { StepQueue } from './queue.ts'
import type { Job, JobEnd, TaskExecutor } from './task-executor.ts'

export interface FleetOptions {
  readonly store: Store
  readonly queue: StepQueue
  /** Steps given out at once, default 1000. */
  readonly parallel?: number
  /** Time without a sign of life after which a worker is held for dead, default 8 s. */
  readonly leaseMs?: number
  /** Time between two looks at the store, default 150 ms. */
  readonly lookMs?: number
}

/** A step given out, and how it looked when it last changed. */
interface Awaited {
  readonly resolve: (end: JobEnd) => void
  seen: string
  /** By this process's own clock, which never jumps. */
  changedAt: number
  /** How often it was given out again since it changed. */
  repeats: number
}

/** Lets the workers of a fleet run the steps; a step whose worker gives no sign of life is given to another. */
export function fleetExecutor({
  store,
  queue,
  parallel = 1000,
  leaseMs = 8000,
  lookMs = 150,
}: FleetOptions): TaskExecutor {
  const awaited = new Map<number, Awaited>()
  let isLooking = false
  const look = async (): Promise<void> => {
    if (isLooking || awaited.size === 0) return
    isLooking = true
    try {
      for (const execution of await executionsOf(store, [...awaited.keys()])) await follow(execution)
    } catch (thrown) {
      if (!isAway(thrown)) failAll(awaited, thrown)
    } finally {
      isLooking = false
    }
  }
  const follow = async (execution: ExecutionRecord): Promise<void> => {
    const step = awaited.get(execution.id)
    if (!step) return
    const end = endOf(execution)
    if (end) {
      awaited.delete(execution.id)
      return step.resolve(end)
    }
    const seen = `${execution.state} ${execution.epoch} ${execution.beats}`
    if (seen !== step.seen) Object.assign(step, { seen, changedAt: performance.now(), repeats: 0 })
    else if (performance.now() - step.changedAt > patienceWith(execution, step)) {
      Object.assign(step, { changedAt: performance.now(), repeats: step.repeats + 1 })
      await queue.send({ executionId: execution.id, epoch: execution.epoch })
    }
  }
  /**
   * A running step gives signs of life. One not begun may wait its turn, or its worker died between taking and beginning it:
   * it is given out again ever more seldom. Of all entries for one epoch a single one is ever acted on.
   */
  const patienceWith = ({ state }: ExecutionRecord, { repeats }: Awaited): number =>
    state === 'RUNNING' ? leaseMs : leaseMs * 2 ** repeats
  const timer = setInterval(() => void look(), lookMs)
  return {
    parallel,
    isAlive: () => true,
    execute: (job, signal) => give(job, { signal, awaited, queue }),
    async close() {
      clearInterval(timer)
      await queue.close()
    },
  }
}

interface Giving {
  readonly signal: AbortSignal
  readonly awaited: Map<number, Awaited>
  readonly queue: StepQueue
}

async function give({ executionId, epoch }: Job, { signal, awaited, queue }: Giving): Promise<JobEnd> {
  const { promise, resolve } = Promise.withResolvers<JobEnd>()
  // The run ends with its executions told ABORT: their workers find that with the next sign of life.
  const cancel = (): void => {
    awaited.delete(executionId)
    resolve({ state: 'ABORT', code: 'CANCELLED', error: 'The run was cancelled.' })
  }
  signal.addEventListener('abort', cancel, { once: true })
  awaited.set(executionId, { resolve, seen: '', changedAt: performance.now(), repeats: 0 })
  // One that a worker has taken is given out again only when it gives no sign of life.
  if (epoch === 0) await patiently(() => queue.send({ executionId, epoch }))
  return promise.finally(() => signal.removeEventListener('abort', cancel))
}

async function executionsOf({ db }: Store, ids: readonly number[]): Promise<readonly ExecutionRecord[]> {
  const rows = await db
    .selectFrom('execution')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute()
  return rows.map(toExecution)
}

function endOf({ state, outputs, error, resources }: ExecutionRecord): JobEnd | null {
  if (state === 'COMPLETE' && outputs) return { state, outputs }
  if (state !== 'FAIL' && state !== 'ABORT') return null
  const code = (resources as { readonly errorCode?: ErrorCode } | null)?.errorCode ?? 'INTERNAL'
  return { state, code, error: error ?? '' }
}

function failAll(awaited: Map<number, Awaited>, thrown: unknown): void {
  const code = thrown instanceof FiableError ? thrown.code : 'DATABASE_FAILED'
  for (const { resolve } of awaited.values()) resolve({ state: 'FAIL', code, error: String(thrown) })
  awaited.clear()
}
