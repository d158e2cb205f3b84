import { fork } from 'node:child_process'
import { type ErrorCode, FiableError } from '../data/errors.ts'
import type { BatchExplanation } from '../row-models/explain-batch.ts'
import type { RootCause } from './root-cause.ts'

/** What can be asked of a batch that takes a processor for seconds. */
export interface Explanations {
  /** Its oddest rows, by the row model in service. */
  readonly rows: BatchExplanation
  /** What would make it normal again. */
  readonly causes: readonly RootCause[]
}

/** What the child is sent: one message, then it works until it ends. */
export interface ExplainOrder<What extends keyof Explanations = keyof Explanations> {
  readonly what: What
  readonly store: string
  readonly dataset: string
  /** The newest when left out. */
  readonly batch?: string | undefined
  /** Rows wanted. */
  readonly rows?: number | undefined
}

/** What the child says. */
export type ExplainReply =
  | { readonly kind: 'done'; readonly explanation: Explanations[keyof Explanations] }
  | {
      readonly kind: 'failed'
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly fix: string }
    }

/**
 * Explains a batch in a child process: running a model, and scoring a batch many times, block the thread they run on.
 *
 * @param worker - A module that takes an `ExplainOrder` and answers with an `ExplainReply`.
 * @throws FiableError as explaining does; INTERNAL when the child dies or is ended by the signal.
 */
export function explainInChild<What extends keyof Explanations>(
  worker: URL,
  order: ExplainOrder<What>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Explanations[What]> {
  const child = fork(worker, { serialization: 'advanced' })
  const stop = (): void => void child.kill('SIGTERM')
  signal?.addEventListener('abort', stop)
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const reply = message as ExplainReply
      if (reply.kind === 'done') resolve(reply.explanation as Explanations[What])
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
