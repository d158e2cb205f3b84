import type { Kysely, Selectable, Transaction } from 'kysely'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import type { Tables } from './schema.ts'
import { writing } from './sqlite.ts'
import type { ExecutionState, RunTable } from './trace-schema.ts'

/** One run of a pipeline. */
export interface RunRecord {
  readonly id: number
  readonly projectId: number
  readonly pipeline: string
  readonly state: ExecutionState
  readonly parameters: Readonly<Record<string, Json>>
  /** The graph as it was when the run began. */
  readonly graph: Json
  readonly createdMs: number
  readonly endedMs: number | null
  readonly error: string | null
  readonly owner: string | null
  readonly epoch: number
  readonly beats: number
  readonly isCancelRequested: boolean
}

export interface NewRun {
  readonly projectId: number
  readonly pipeline: string
  readonly parameters: Readonly<Record<string, Json>>
  readonly graph: Json
  readonly nowMs: number
}

/** Stores a run in the state START, with its contexts. */
export async function createRun(db: Kysely<Tables>, run: NewRun): Promise<RunRecord> {
  const id = await writing(db, async (transaction) => {
    const pipeline = await pipelineContext(transaction, run)
    const inserted = await transaction
      .insertInto('context')
      .values({ ...contextOf(run), type: 'run', name: '', parent_id: pipeline })
      .returning('id')
      .executeTakeFirstOrThrow()
    const name = `${run.pipeline}-${inserted.id}`
    await transaction.updateTable('context').set({ name }).where('id', '=', inserted.id).execute()
    await transaction.insertInto('run').values(rowOf(inserted.id, run)).execute()
    return inserted.id
  })
  return findRun(db, id)
}

const contextOf = ({ projectId, nowMs }: NewRun) => ({ project_id: projectId, created_ms: nowMs })

const rowOf = (id: number, run: NewRun): Selectable<RunTable> => ({
  id,
  project_id: run.projectId,
  pipeline: run.pipeline,
  state: 'START',
  parameters: JSON.stringify(run.parameters),
  graph: JSON.stringify(run.graph),
  created_ms: run.nowMs,
  ended_ms: null,
  error: null,
  owner: null,
  epoch: 0,
  beats: 0,
  cancel_requested: 0,
})

async function pipelineContext(db: Transaction<Tables>, run: NewRun): Promise<number> {
  const found = await db
    .selectFrom('context')
    .select('id')
    .where('project_id', '=', run.projectId)
    .where('type', '=', 'pipeline')
    .where('name', '=', run.pipeline)
    .executeTakeFirst()
  if (found) return found.id
  const inserted = await db
    .insertInto('context')
    .values({ ...contextOf(run), type: 'pipeline', name: run.pipeline, parent_id: null })
    .returning('id')
    .executeTakeFirstOrThrow()
  return inserted.id
}

/**
 * The run of that number.
 *
 * @throws FiableError NOT_FOUND.
 */
export async function findRun(db: Kysely<Tables>, id: number): Promise<RunRecord> {
  const row = await db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst()
  if (row) return toRun(row)
  throw new FiableError('NOT_FOUND', `There is no run ${id}.`, 'List the runs with `fiable runs`.')
}

const toRun = (row: Selectable<RunTable>): RunRecord => ({
  id: row.id,
  projectId: row.project_id,
  pipeline: row.pipeline,
  state: row.state,
  parameters: JSON.parse(row.parameters) as RunRecord['parameters'],
  graph: JSON.parse(row.graph) as Json,
  createdMs: row.created_ms,
  endedMs: row.ended_ms,
  error: row.error,
  owner: row.owner,
  epoch: row.epoch,
  beats: row.beats,
  isCancelRequested: row.cancel_requested === 1,
})

export interface RunQuery {
  readonly projectId?: number
  readonly pipeline?: string
  readonly state?: ExecutionState
  /** Only runs before this one, for the next page. */
  readonly before?: number
  /** At most, default 50. */
  readonly limit?: number
}

/** A run as lists show it. */
export type RunSummary = Omit<RunRecord, 'graph'>

/** Runs, newest first. */
export async function listRuns(db: Kysely<Tables>, query: RunQuery = {}): Promise<readonly RunSummary[]> {
  let select = db
    .selectFrom('run')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(query.limit ?? 50)
  if (query.projectId !== undefined) select = select.where('project_id', '=', query.projectId)
  if (query.pipeline !== undefined) select = select.where('pipeline', '=', query.pipeline)
  if (query.state !== undefined) select = select.where('state', '=', query.state)
  if (query.before !== undefined) select = select.where('id', '<', query.before)
  return (await select.execute()).map(toRun).map(({ graph: _, ...summary }) => summary)
}

/** What an owner holds: what it writes is refused once another has the run. */
export interface RunClaim {
  readonly runId: number
  readonly owner: string
  readonly epoch: number
}

/**
 * Takes a run for an owner, provided that nobody took it since it was read.
 *
 * @throws FiableError CONFLICT when somebody did.
 */
export async function claimRun(db: Kysely<Tables>, run: RunRecord, owner: string): Promise<RunClaim> {
  const epoch = run.epoch + 1
  const { numUpdatedRows } = await writing(db, (transaction) =>
    transaction
      .updateTable('run')
      .set({ owner, epoch, state: 'RUNNING', ended_ms: null, error: null, cancel_requested: 0 })
      .where('id', '=', run.id)
      .where('epoch', '=', run.epoch)
      .executeTakeFirst(),
  )
  if (numUpdatedRows === 1n) return { runId: run.id, owner, epoch }
  throw lost(run.id)
}

const lost = (id: number): FiableError =>
  new FiableError(
    'CONFLICT',
    `Another runner has taken run ${id}.`,
    'Follow it with `fiable runs show`; one runner drives a run at a time.',
  )

/**
 * Tells that the owner lives, and hears whether the run is to be cancelled.
 *
 * @throws FiableError CONFLICT when another owner has the run.
 */
export async function beat(
  db: Kysely<Tables>,
  claim: RunClaim,
): Promise<{ readonly isCancelRequested: boolean }> {
  const row = await writing(db, (transaction) =>
    transaction
      .updateTable('run')
      .set((set) => ({ beats: set('beats', '+', 1) }))
      .where('id', '=', claim.runId)
      .where('epoch', '=', claim.epoch)
      .returning('cancel_requested')
      .executeTakeFirst(),
  )
  if (!row) throw lost(claim.runId)
  return { isCancelRequested: row.cancel_requested === 1 }
}

export interface RunEnd {
  readonly state: 'COMPLETE' | 'FAIL' | 'ABORT'
  readonly error: string | null
  readonly nowMs: number
}

/** Ends a run; executions still open are told ABORT with it, so that nothing seems to run that does not. */
export async function endRun(
  db: Kysely<Tables>,
  claim: RunClaim,
  { state, error, nowMs }: RunEnd,
): Promise<void> {
  await writing(db, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('run')
      .set({ state, error, ended_ms: nowMs, owner: null })
      .where('id', '=', claim.runId)
      .where('epoch', '=', claim.epoch)
      .executeTakeFirst()
    if (numUpdatedRows !== 1n) throw lost(claim.runId)
    await abortOpen(transaction, claim.runId, { why: 'The run ended.', nowMs })
  })
}

/** Tells ABORT of the executions of a run that have no end. */
export async function abortOpen(
  db: Kysely<Tables>,
  runId: number,
  { why, nowMs }: { readonly why: string; readonly nowMs: number },
): Promise<void> {
  await db
    .updateTable('execution')
    .set({ state: 'ABORT', error: why, ended_ms: nowMs })
    .where('run_id', '=', runId)
    .where('state', 'in', ['START', 'RUNNING'])
    .execute()
}

/** Asks a run to be cancelled; its runner hears it with its next beat. Returns false when the run had ended. */
export async function requestCancel(db: Kysely<Tables>, id: number): Promise<boolean> {
  const { numUpdatedRows } = await writing(db, (transaction) =>
    transaction
      .updateTable('run')
      .set({ cancel_requested: 1 })
      .where('id', '=', id)
      .where('state', 'in', ['START', 'RUNNING'])
      .executeTakeFirst(),
  )
  return numUpdatedRows === 1n
}
