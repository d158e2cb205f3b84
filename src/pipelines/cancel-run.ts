import { claimRun, endRun, findRun, requestCancel } from '../tracking/runs.ts'
import type { Store } from '../tracking/store.ts'
import { isDead, ownerName } from './owner.ts'

/**
 * Ends a run early: its runner is asked to, or, when that is gone, the run is told ABORT at once.
 *
 * @returns What came of it; `ended` when it had ended before.
 * @throws FiableError NOT_FOUND; CONFLICT when a runner takes the run meanwhile.
 */
export async function cancelRun(
  { db }: Store,
  id: number,
  nowMs: number,
): Promise<'asked' | 'cancelled' | 'ended'> {
  const run = await findRun(db, id)
  if (run.state !== 'START' && run.state !== 'RUNNING') return 'ended'
  if (run.owner !== null && !isDead(run.owner)) return (await requestCancel(db, id)) ? 'asked' : 'ended'
  const claim = await claimRun(db, run, ownerName())
  await endRun(db, claim, { state: 'ABORT', error: 'The run was cancelled.', nowMs })
  return 'cancelled'
}

/** Whether a run seems to go on but its runner is known to be gone. */
export const isOrphaned = ({
  state,
  owner,
}: {
  readonly state: string
  readonly owner: string | null
}): boolean => (state === 'RUNNING' || state === 'START') && owner !== null && isDead(owner)
