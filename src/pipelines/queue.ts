import { PgBoss } from 'pg-boss'
import { FiableError, messageOf } from '../data/errors.ts'

/** What a worker is told: which execution, and the epoch it must find it at. */
export interface QueuedStep {
  readonly executionId: number
  readonly epoch: number
}

/** A leased entry of the queue. */
export interface LeasedStep extends QueuedStep {
  readonly jobId: string
}

/** Steps waiting for a worker, on the PostgreSQL of the store. Close it. */
export interface StepQueue {
  send(step: QueuedStep): Promise<void>
  /** The next ones, at most so many; none when there are none. */
  take(most: number): Promise<readonly LeasedStep[]>
  /** Removes what was taken: its execution has an end, or another owner. */
  done(jobIds: readonly string[]): Promise<void>
  close(): Promise<void>
}

const QUEUE = 'fiable-steps'
/** A lease outlives any step; that a worker died is seen by its executions, whose beats stop. */
const LEASE_SECONDS = 23 * 3600

/**
 * Opens the queue, creating its tables.
 *
 * @throws FiableError DATABASE_UNREACHABLE.
 */
export async function openQueue(url: string): Promise<StepQueue> {
  const boss = new PgBoss({ connectionString: url, schema: 'fiable_queue', schedule: false, max: 4 })
  // What fails is tried again, or thrown by the call that needs it.
  boss.on('error', () => {})
  try {
    await boss.start()
    await boss.createQueue(QUEUE, { expireInSeconds: LEASE_SECONDS, retryLimit: 2, policy: 'standard' })
  } catch (cause) {
    throw new FiableError(
      'DATABASE_UNREACHABLE',
      `The queue cannot be opened: ${messageOf(cause)}.`,
      'Check that PostgreSQL runs, and that the user may create a schema in it.',
      { cause },
    )
  }
  return {
    send: async (step) => void (await boss.send(QUEUE, step)),
    async take(most) {
      const jobs = await boss.fetch<QueuedStep>(QUEUE, { batchSize: most })
      return jobs.map(({ id, data }) => ({ ...data, jobId: id }))
    },
    done: async (jobIds) => void (await boss.complete(QUEUE, [...jobIds])),
    close: () => boss.stop({ graceful: false }),
  }
}
