import { fork } from 'node:child_process'
import { type ErrorCode, FiableError } from '../data/errors.ts'
import type { OnProgress } from '../data/progress.ts'
import type { ModelVersion } from '../tracking/models.ts'
import type { BatchExplanation } from './explain-batch.ts'
import type { TrainingRequest } from './train-for-dataset.ts'

/** Work with row models that a child process is asked for: running a model blocks the thread it runs on. */
export type RowModelTask =
  | { readonly kind: 'train'; readonly request: TrainingRequest }
  | { readonly kind: 'explain'; readonly batch?: string | undefined; readonly rows?: number | undefined }

/** What the child is sent: one message, then it works until it ends. */
export interface RowModelOrder {
  readonly store: string
  readonly dataset: string
  readonly task: RowModelTask
}

/** What a task gives. */
export interface RowModelResults {
  readonly train: ModelVersion
  readonly explain: BatchExplanation
}

/** What the child says. */
export type RowModelReply =
  | {
      readonly kind: 'progress'
      readonly stage: string
      readonly done: number
      readonly total: number | null
    }
  | { readonly kind: 'done'; readonly result: RowModelResults[keyof RowModelResults] }
  | {
      readonly kind: 'failed'
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly fix: string }
    }

/**
 * Runs a task in a child process.
 *
 * @param worker - A module that takes a `RowModelOrder` and answers with `RowModelReply`s.
 * @throws FiableError as the task does; CANCELLED when the signal ends the child, INTERNAL when it dies otherwise.
 */
export function runInChild<Kind extends RowModelTask['kind']>(
  worker: URL,
  order: RowModelOrder & { readonly task: Extract<RowModelTask, { readonly kind: Kind }> },
  { onProgress, signal }: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal } = {},
): Promise<RowModelResults[Kind]> {
  const child = fork(worker, { serialization: 'advanced' })
  const stop = (): void => void child.kill('SIGTERM')
  signal?.addEventListener('abort', stop)
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const reply = message as RowModelReply
      if (reply.kind === 'done') resolve(reply.result as RowModelResults[Kind])
      else if (reply.kind === 'failed')
        reject(new FiableError(reply.error.code, reply.error.message, reply.error.fix))
      else onProgress?.(reply)
    })
    child.on('error', reject)
    child.on('exit', (code, ended) => {
      signal?.removeEventListener('abort', stop)
      reject(died(order.task.kind, ended ?? `code ${code}`))
    })
    child.send(order)
  })
}

const died = (kind: string, how: string) =>
  new FiableError(
    'INTERNAL',
    `The process of ${kind} ended with ${how}.`,
    kind === 'train' ? 'Start it again: it goes on from the last checkpoint.' : 'Start it again.',
  )
