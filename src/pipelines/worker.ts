import { setTimeout as pause } from 'node:timers/promises'
import { FiableError } from '../data/errors.ts'
import { beatExecution, type ExecutionClaim, findExecution, inputsOf } from '../tracking/executions.ts'
import type { Objects } from '../tracking/objects.ts'
import { findRun } from '../tracking/runs.ts'
import type { Store } from '../tracking/store.ts'
import type { ArtifactType } from './artifact.ts'
import { makeAttempt } from './attempt.ts'
import { type ChildPool, childPool } from './child-pool.ts'
import type { Component } from './component.ts'
import type { ComponentBook } from './component-book.ts'
import { BEAT_MS } from './drive-run.ts'
import type { StoredArtifact } from './plan-tasks.ts'
import type { LeasedStep, StepQueue } from './queue.ts'
import type { Job } from './task-executor.ts'

export interface WorkerOptions {
  readonly store: Store
  readonly objects: Objects
  readonly queue: StepQueue
  readonly book: ComponentBook
  readonly modules: readonly string[]
  /** Steps at once. */
  readonly parallel: number
  readonly now: () => number
  /** Ends the worker once what it has begun is done. */
  readonly signal: AbortSignal
  readonly onStep?: (told: string) => void
}

/** Time between two looks at an empty queue. */
const IDLE_MS = 100
const AWAY_MS = 1000

/**
 * Runs steps of a fleet until told to end.
 *
 * Killed at any moment, it leaves its executions without signs of life: they are given to another worker, and what this one
 * might still write is refused.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const pool = childPool(options.modules)
  const running = new Set<Promise<void>>()
  try {
    while (!options.signal.aborted) {
      const free = options.parallel - running.size
      const steps = free > 0 ? await options.queue.take(free).catch(() => null) : []
      for (const step of steps ?? []) {
        const work = runLeased(step, options, pool).finally(() => running.delete(work))
        running.add(work)
      }
      if (running.size >= options.parallel) await Promise.race(running)
      else if (steps === null || steps.length === 0) await pause(steps === null ? AWAY_MS : IDLE_MS)
    }
    await Promise.all(running)
  } finally {
    await pool.close()
  }
}

async function runLeased(step: LeasedStep, options: WorkerOptions, pool: ChildPool): Promise<void> {
  try {
    const job = await jobOf(step, options)
    if (job) await runJob(job, options, pool)
    await options.queue.done([step.jobId])
  } catch (thrown) {
    // The database is away: the execution is given out again when its signs of life are missed.
    options.onStep?.(`execution ${step.executionId}: ${String(thrown)}`)
  }
}

/** The step as recorded; null when it has ended, or this worker does not know its component: another may. */
async function jobOf(step: LeasedStep, { store, book, queue }: WorkerOptions): Promise<Job | null> {
  const execution = await findExecution(store.db, step.executionId)
  if (!execution || (execution.state !== 'START' && execution.state !== 'RUNNING')) return null
  const component = book.find(execution.component, execution.version)
  if (!component) {
    await pause(AWAY_MS)
    await queue.send(step)
    return null
  }
  const run = await findRun(store.db, execution.runId)
  const artifacts = withEmptyLists(component, await inputsOf(store.db, execution.id))
  const { path, version, parameters } = execution
  return {
    executionId: execution.id,
    runId: run.id,
    projectId: run.projectId,
    component,
    epoch: step.epoch,
    task: { path, component: component.name, version, parameters, artifacts },
  }
}

function withEmptyLists(
  { inputs }: Component,
  given: Awaited<ReturnType<typeof inputsOf>>,
): Readonly<Record<string, readonly StoredArtifact[]>> {
  const keys = Object.entries(inputs).flatMap(([key, port]) => (port.kind === 'artifact' ? [key] : []))
  return Object.fromEntries(
    keys.map((key) => [
      key,
      (given[key] ?? []).map((artifact) => ({ ...artifact, type: artifact.type as ArtifactType })),
    ]),
  )
}

async function runJob(job: Job, options: WorkerOptions, pool: ChildPool): Promise<void> {
  const own = new AbortController()
  let beating: NodeJS.Timeout | undefined
  const onClaim = (claim: ExecutionClaim): void => {
    beating = setInterval(() => void live(claim, options, own), BEAT_MS)
  }
  try {
    const { store, objects, now } = options
    const end = await makeAttempt(job, { store, objects, pool, now, signal: own.signal, onClaim })
    options.onStep?.(`run ${job.runId} ${job.task.path} ${end.state}`)
  } finally {
    clearInterval(beating)
  }
}

async function live(claim: ExecutionClaim, { store }: WorkerOptions, own: AbortController): Promise<void> {
  const isOurs = await beatExecution(store.db, claim).catch(() => true)
  if (isOurs) return
  own.abort(
    new FiableError(
      'CANCELLED',
      'The step was cancelled or given to another worker.',
      'Nothing is to be done.',
    ),
  )
}
