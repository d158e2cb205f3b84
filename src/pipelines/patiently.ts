import { setTimeout as pause } from 'node:timers/promises'
import { FiableError } from '../data/errors.ts'
import { postgresError } from '../tracking/postgres.ts'

const PATIENCE_MS = 120_000

/**
 * Repeats what may be repeated while the database is away, for two minutes.
 *
 * @throws FiableError DATABASE_UNREACHABLE after that; whatever else `work` throws, at once.
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS
  for (let wait = 100; ; wait = Math.min(2000, wait * 2)) {
    try {
      return await work()
    } catch (thrown) {
      if (!isAway(thrown) || performance.now() > giveUpAt) throw thrown
      await pause(wait)
    }
  }
}

/** Whether the database could not be reached, rather than refused something. */
export const isAway = (thrown: unknown): boolean => {
  const named = thrown instanceof FiableError ? thrown : postgresError(thrown, 'on PostgreSQL')
  return named.code === 'DATABASE_UNREACHABLE'
}
