import { type ChildProcess, fork } from 'node:child_process'
import type { Verdict } from '../data/verdict.ts'
import type { DatasetInput } from '../monitor/declaration.ts'
import type { ApiEvent, Job, JobKind } from './schemas.ts'
import { summaryView } from './views.ts'

/** What the child process is asked to do: one message, then it works until it ends. */
export interface JobRequest {
  readonly dataset: string
  readonly kind: JobKind
  readonly store: string
  readonly baseFolder: string
  /** As given to the server; null for as stored, without a password. */
  readonly declaration: DatasetInput | null
}

/** What the child process says while it works. */
export type JobMessage =
  | {
      readonly kind: 'progress'
      readonly stage: string
      readonly done: number
      readonly total: number | null
    }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'failed'; readonly error: NonNullable<Job['error']> }

/** Checks and drills run in child processes, one per dataset at a time, so that the server answers while they work. */
export interface Jobs {
  /** Starts a check or a drill; what runs on the same dataset already is returned instead. */
  start(dataset: string, kind?: JobKind): Job
  of(dataset: string): Job | null
  /** Calls back on every event until the returned function is called. */
  subscribe(listener: (event: ApiEvent) => void): () => void
  /** Ends the children: what they judged is stored, the rest is judged by the next check. */
  close(): Promise<void>
}

/**
 * Runs `worker`, a module that takes a `JobRequest` and answers with `JobMessage`s.
 *
 * @param given - Declarations by dataset that hold more than is stored, such as a password.
 */
export function createJobs(
  worker: URL,
  request: Pick<JobRequest, 'store' | 'baseFolder'>,
  given: ReadonlyMap<string, DatasetInput> = new Map(),
): Jobs {
  const jobs = new Map<string, Job>()
  const children = new Set<ChildProcess>()
  const listeners = new Set<(event: ApiEvent) => void>()
  const publish = (event: ApiEvent): void => {
    for (const listener of listeners) listener(event)
  }
  const update = (job: Job): Job => {
    jobs.set(job.dataset, job)
    publish({ kind: 'job', job })
    return job
  }
  const hear = (dataset: string, message: JobMessage): void => {
    const job = jobs.get(dataset)!
    if (message.kind === 'verdict')
      publish({ kind: 'verdict', dataset, verdict: summaryView(message.verdict) })
    else if (message.kind === 'failed') update({ ...job, state: 'failed', error: message.error })
    else update({ ...job, stage: message.stage, done: message.done, total: message.total })
  }
  return {
    start(dataset, kind = 'check') {
      const running = jobs.get(dataset)
      if (running?.state === 'running') return running
      const child = fork(worker, { serialization: 'advanced' })
      children.add(child)
      child.on('message', (message) => hear(dataset, message as JobMessage))
      child.on('exit', (code, signal) => {
        children.delete(child)
        update(ended(jobs.get(dataset)!, code, signal))
      })
      child.send({ ...request, dataset, kind, declaration: given.get(dataset) ?? null } satisfies JobRequest)
      return update({ dataset, kind, state: 'running', stage: 'starting', done: 0, total: null, error: null })
    },
    of: (dataset) => jobs.get(dataset) ?? null,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      await Promise.all([...children].map(endChild))
    },
  }
}

function ended(job: Job, code: number | null, signal: NodeJS.Signals | null): Job {
  if (job.state === 'failed') return job
  if (code === 0) return { ...job, state: 'done' }
  const error = {
    code: 'INTERNAL',
    message: `The ${job.kind} ended with ${signal ?? `code ${code}`}.`,
    fix: 'Start it again: what was done is kept.',
  }
  return { ...job, state: 'failed', error }
}

function endChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
