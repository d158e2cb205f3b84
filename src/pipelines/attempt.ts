import { rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { type ErrorCode, FiableError, messageOf } from '../data/errors.ts'
import { claimExecution, type ExecutionClaim, endExecution } from '../tracking/executions.ts'
import type { Objects } from '../tracking/objects.ts'
import type { Store } from '../tracking/store.ts'
import type { ChildPool } from './child-pool.ts'
import { executeTask, logFile, type TaskOutcome } from './execute-task.ts'
import { ownerName } from './owner.ts'
import { patiently } from './patiently.ts'
import type { Job, JobEnd } from './task-executor.ts'

export interface AttemptContext {
  readonly store: Store
  readonly objects: Objects
  readonly pool: ChildPool
  readonly now: () => number
  readonly signal: AbortSignal
  /** Told once the attempt is this process's own. */
  readonly onClaim?: (claim: ExecutionClaim) => void
}

/** Folder of an attempt while it lasts. */
export const attemptFolder = (
  store: Pick<Store, 'folder'>,
  job: Pick<Job, 'runId' | 'executionId'>,
): string => path.join(store.folder, 'runs', String(job.runId), String(job.executionId))

/**
 * Makes an attempt in a child of this process and records how it ended.
 *
 * What an owner that was replaced meanwhile made is not recorded.
 */
export async function makeAttempt(job: Job, context: AttemptContext): Promise<JobEnd> {
  const { store, now } = context
  const owner = { owner: ownerName(), host: hostname(), nowMs: now(), epoch: job.epoch }
  const claim = await patiently(() => claimExecution(store.db, job.executionId, owner))
  if (!claim) return ABORTED
  context.onClaim?.(claim)
  const folder = attemptFolder(store, job)
  try {
    const outcome = await executeTask(job.task, { ...context, component: job.component, folder })
    return await recordSuccess(job, { claim, outcome, folder }, context)
  } catch (thrown) {
    return await recordFailure(job, { claim, thrown, folder }, context)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const ABORTED: JobEnd = { state: 'ABORT', code: 'CONFLICT', error: 'Another owner has taken this attempt.' }

interface Made {
  readonly claim: ExecutionClaim
  readonly folder: string
}

async function recordSuccess(
  { projectId }: Job,
  { claim, outcome, folder }: Made & { readonly outcome: TaskOutcome },
  { store, objects, now }: AttemptContext,
): Promise<JobEnd> {
  const { parameters, artifacts, usage } = outcome
  const logDigest = await keepLog(objects, folder)
  const outputs = await patiently(() =>
    endExecution(store.db, claim, {
      projectId,
      nowMs: now(),
      logDigest,
      resources: { ...usage },
      outcome: { state: 'COMPLETE', parameters, artifacts },
    }),
  )
  return outputs ? { state: 'COMPLETE', outputs } : ABORTED
}

async function recordFailure(
  { projectId, task }: Job,
  { claim, thrown, folder }: Made & { readonly thrown: unknown },
  { store, objects, now }: AttemptContext,
): Promise<JobEnd> {
  const code: ErrorCode = thrown instanceof FiableError ? thrown.code : 'INTERNAL'
  const state = code === 'CANCELLED' ? 'ABORT' : 'FAIL'
  const error = `${task.path}: ${messageOf(thrown)}`
  const logDigest = await keepLog(objects, folder)
  const resources = { errorCode: code }
  const end = { projectId, nowMs: now(), logDigest, resources, outcome: { state, error } } as const
  const recorded = await patiently(() => endExecution(store.db, claim, end))
  return recorded ? { state, code, error } : ABORTED
}

/** What was printed, when anything was. */
async function keepLog(objects: Objects, folder: string): Promise<string | null> {
  const file = logFile(folder)
  const found = await stat(file).catch(() => null)
  return found && found.size > 0 ? objects.adopt(file) : null
}
