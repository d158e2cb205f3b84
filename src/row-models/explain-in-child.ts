import { fork } from 'node:child_process'
import { type ErrorCode, FiableError } from '../data/errors.ts'
import type { BatchExplanation } from './explain-batch.ts'

/** What the child is sent: one message, then it works until it ends. */
export interface ExplainOrder {
  readonly store: string
  readonly dataset: string
  readonly batch?: string | undefined
  readonly rows?: number | undefined
}

/** What the child says. */
export type ExplainReply =
  | { readonly kind: 'done'; readonly explanation: BatchExplanation }
  | {
      readonly kind: 'failed'
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly fix: string }
    }

/**
 * Explains a batch in a child process: running a model blocks the thread it runs on.
 *
 * @param worker - A module that takes an `ExplainOrder` and answers with an `ExplainReply`.
 * @throws FiableError as explaining does; INTERNAL when the child dies or is ended by the signal.
 */
export function explainInChild(
  worker: URL,
  order: ExplainOrder,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<BatchExplanation> {
  const child = fork(worker, { serialization: 'advanced' })
  const stop = (): void => void child.kill('SIGTERM')
  signal?.addEventListener('abort', stop)
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const reply = message as ExplainReply
      if (reply.kind === 'done') resolve(reply.explanation)
      else reject(new FiableError(reply.error.code, reply.error.message, reply.error.fix))
    })
    child.on('error', reject)
    child.on('exit', (code, ended) => {
      signal?.removeEventListener('abort', stop)
      reject(died(ended ?? `code ${code}`))
    })
    child.send(order)
  })
}

const died = (how: string) =>
  new FiableError('INTERNAL', `The process that explains ended with ${how}.`, 'Start it again.')
