import type { Kysely, Selectable, Transaction } from 'kysely'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import type { RunClaim } from './runs.ts'
import type { Tables } from './schema.ts'
import { writing } from './sqlite.ts'
import type { ExecutionState, ExecutionTable } from './trace-schema.ts'

/** A file given by an execution. */
export interface ArtifactRecord {
  readonly id: number
  readonly type: string
  readonly name: string
  /** SHA-256, hex. */
  readonly digest: string
  readonly bytes: number
  readonly metadata: Readonly<Record<string, Json>>
}

/** What an execution gave. */
export interface ExecutionOutputs {
  readonly parameters: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<Record<string, ArtifactRecord>>
}

/** One attempt at one step. */
export interface ExecutionRecord {
  readonly id: number
  readonly runId: number
  readonly path: string
  readonly attempt: number
  readonly component: string
  readonly version: string
  readonly codeVersion: string
  readonly state: ExecutionState
  readonly host: string
  readonly createdMs: number
  readonly startedMs: number | null
  readonly endedMs: number | null
  readonly parameters: Readonly<Record<string, Json>>
  readonly outputs: ExecutionOutputs | null
  readonly error: string | null
  readonly cachedFrom: number | null
  readonly logDigest: string | null
  readonly resources: Json
  readonly energyKwh: number | null
  readonly epoch: number
  readonly beats: number
}

export interface NewExecution {
  readonly path: string
  readonly component: string
  readonly version: string
  readonly codeVersion: string
  readonly host: string
  readonly parameters: Readonly<Record<string, Json>>
  /** Artifact ids of the inputs, by key, in order. */
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly cacheKey: string | null
  readonly nowMs: number
}

/**
 * Stores the next attempt at a step, in the state START.
 *
 * @throws FiableError CONFLICT when the claim on the run was lost.
 */
export async function startExecution(
  db: Kysely<Tables>,
  claim: RunClaim,
  execution: NewExecution,
): Promise<{ readonly id: number; readonly attempt: number }> {
  return writing(db, async (transaction) => {
    await checkClaim(transaction, claim)
    const attempt = await nextAttempt(transaction, claim.runId, execution.path)
    const { id } = await transaction
      .insertInto('execution')
      .values(rowOf(claim.runId, attempt, execution))
      .returning('id')
      .executeTakeFirstOrThrow()
    await insertEvents(transaction, id, { type: 'INPUT', artifacts: execution.inputs })
    return { id, attempt }
  })
}

async function checkClaim(db: Transaction<Tables>, { runId, epoch }: RunClaim): Promise<void> {
  const run = await db.selectFrom('run').select('epoch').where('id', '=', runId).executeTakeFirst()
  if (run?.epoch === epoch) return
  throw new FiableError(
    'CONFLICT',
    `Another runner has taken run ${runId}.`,
    'Follow it with `fiable runs show`; one runner drives a run at a time.',
  )
}

async function nextAttempt(db: Transaction<Tables>, runId: number, path: string): Promise<number> {
  const { last } = await db
    .selectFrom('execution')
    .select((select) => select.fn.max('attempt').as('last'))
    .where('run_id', '=', runId)
    .where('path', '=', path)
    .executeTakeFirstOrThrow()
  return Number(last ?? 0) + 1
}

const rowOf = (runId: number, attempt: number, execution: NewExecution) => ({
  run_id: runId,
  path: execution.path,
  attempt,
  component: execution.component,
  version: execution.version,
  code_version: execution.codeVersion,
  state: 'START' as const,
  host: execution.host,
  created_ms: execution.nowMs,
  parameters: JSON.stringify(execution.parameters),
  cache_key: execution.cacheKey,
  epoch: 0,
  beats: 0,
})

async function insertEvents(
  db: Transaction<Tables>,
  execution: number,
  { type, artifacts }: { readonly type: 'INPUT' | 'OUTPUT'; readonly artifacts: NewExecution['inputs'] },
): Promise<void> {
  const rows = Object.entries(artifacts).flatMap(([key, ids]) =>
    ids.map((id, position) => ({ execution_id: execution, artifact_id: id, type, key, position })),
  )
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE)
    await db
      .insertInto('event')
      .values(rows.slice(i, i + ROWS_AT_ONCE))
      .execute()
}

/** SQLite takes at most 32,766 values in a statement. */
const ROWS_AT_ONCE = 1000

/** The right to end an execution: whoever takes it later holds a higher epoch. */
export interface ExecutionClaim {
  readonly id: number
  readonly epoch: number
}

export interface Claiming {
  readonly owner: string
  readonly host: string
  readonly nowMs: number
  /** Take it only while it is at this epoch: of two who are asked, one gets it. */
  readonly epoch?: number
}

/** Takes an execution that has not ended; null when it has, or has another epoch. */
export async function claimExecution(
  db: Kysely<Tables>,
  id: number,
  { owner, host, nowMs, epoch }: Claiming,
): Promise<ExecutionClaim | null> {
  let update = db
    .updateTable('execution')
    .set((set) => ({ state: 'RUNNING', owner, host, started_ms: nowMs, epoch: set('epoch', '+', 1) }))
    .where('id', '=', id)
    .where('state', 'in', ['START', 'RUNNING'])
    .returning('epoch')
  if (epoch !== undefined) update = update.where('epoch', '=', epoch)
  const row = await update.executeTakeFirst()
  return row ? { id, epoch: row.epoch } : null
}

/** Tells that the owner of an execution lives; false when it is no longer its own. */
export async function beatExecution(db: Kysely<Tables>, { id, epoch }: ExecutionClaim): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('execution')
    .set((set) => ({ beats: set('beats', '+', 1) }))
    .where('id', '=', id)
    .where('epoch', '=', epoch)
    .where('state', '=', 'RUNNING')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** A file as an execution gives it, not yet recorded. */
export type NewArtifact = Omit<ArtifactRecord, 'id'> & { readonly uri: string }

export interface ExecutionEnd {
  readonly projectId: number
  readonly nowMs: number
  readonly logDigest: string | null
  readonly resources: Json
  readonly outcome:
    | {
        readonly state: 'COMPLETE'
        readonly parameters: Readonly<Record<string, Json>>
        readonly artifacts: Readonly<Record<string, NewArtifact>>
      }
    | { readonly state: 'FAIL' | 'ABORT'; readonly error: string }
}

/**
 * Ends an execution, with its artifacts, events and metrics, all or nothing.
 *
 * @returns The outputs as recorded; null when the execution belongs to a later owner or has ended: then nothing is stored.
 */
export async function endExecution(
  db: Kysely<Tables>,
  claim: ExecutionClaim,
  end: ExecutionEnd,
): Promise<ExecutionOutputs | null> {
  return writing(db, async (transaction) => {
    const held = await heldExecution(transaction, claim)
    if (!held) return null
    const outputs = await recordOutputs(transaction, held, end)
    await transaction
      .updateTable('execution')
      .set({
        state: end.outcome.state,
        outputs: end.outcome.state === 'COMPLETE' ? JSON.stringify(outputs) : null,
        error: end.outcome.state === 'COMPLETE' ? null : end.outcome.error,
        ended_ms: end.nowMs,
        log_digest: end.logDigest,
        resources: JSON.stringify(end.resources),
      })
      .where('id', '=', claim.id)
      .execute()
    return outputs
  })
}

const heldExecution = (db: Transaction<Tables>, { id, epoch }: ExecutionClaim) =>
  db
    .selectFrom('execution')
    .select(['id', 'run_id'])
    .where('id', '=', id)
    .where('epoch', '=', epoch)
    .where('state', '=', 'RUNNING')
    .executeTakeFirst()

async function recordOutputs(
  db: Transaction<Tables>,
  held: { readonly id: number; readonly run_id: number },
  { outcome, projectId, nowMs }: ExecutionEnd,
): Promise<ExecutionOutputs> {
  if (outcome.state !== 'COMPLETE') return { parameters: {}, artifacts: {} }
  const artifacts: Record<string, ArtifactRecord> = {}
  for (const [key, artifact] of Object.entries(outcome.artifacts)) {
    const id = await insertArtifact(db, artifact, { projectId, nowMs })
    const { uri: _, ...kept } = artifact
    artifacts[key] = { id, ...kept }
    if (artifact.type === 'Metrics') await insertMetrics(db, held, { metadata: artifact.metadata, nowMs })
  }
  const ids = Object.fromEntries(Object.entries(artifacts).map(([key, { id }]) => [key, [id]]))
  await insertEvents(db, held.id, { type: 'OUTPUT', artifacts: ids })
  return { parameters: outcome.parameters, artifacts }
}

async function insertArtifact(
  db: Transaction<Tables>,
  { type, name, digest, uri, bytes, metadata }: NewArtifact,
  { projectId, nowMs }: { readonly projectId: number; readonly nowMs: number },
): Promise<number> {
  const values = { project_id: projectId, type, name, digest, uri, bytes, created_ms: nowMs }
  const rows = typeof metadata.rows === 'number' ? metadata.rows : null
  const { id } = await db
    .insertInto('artifact')
    .values({ ...values, row_count: rows, metadata: JSON.stringify(metadata) })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The numbers in the metadata of a Metrics file are metrics of the run, as in Kubeflow Pipelines. */
async function insertMetrics(
  db: Transaction<Tables>,
  { id, run_id }: { readonly id: number; readonly run_id: number },
  { metadata, nowMs }: { readonly metadata: Readonly<Record<string, Json>>; readonly nowMs: number },
): Promise<void> {
  const numbers = Object.entries(metadata).flatMap(([name, value]) =>
    typeof value === 'number' ? [{ name, value }] : [],
  )
  if (numbers.length === 0) return
  const rows = numbers.map(({ name, value }) => ({
    run_id,
    execution_id: id,
    name,
    step: 0,
    value,
    created_ms: nowMs,
  }))
  await db.insertInto('metric').values(rows).execute()
}

/** An execution that has the outputs of an earlier one: complete at once, with its events. */
export async function completeFromCache(
  db: Kysely<Tables>,
  id: number,
  { earlier, nowMs }: { readonly earlier: ExecutionRecord; readonly nowMs: number },
): Promise<void> {
  await writing(db, async (transaction) => {
    const artifacts = Object.entries(earlier.outputs?.artifacts ?? {})
    const ids = Object.fromEntries(artifacts.map(([key, artifact]) => [key, [artifact.id]]))
    await insertEvents(transaction, id, { type: 'OUTPUT', artifacts: ids })
    await transaction
      .updateTable('execution')
      .set({
        state: 'COMPLETE',
        outputs: JSON.stringify(earlier.outputs),
        cached_from: earlier.id,
        log_digest: earlier.logDigest,
        started_ms: nowMs,
        ended_ms: nowMs,
      })
      .where('id', '=', id)
      .where('state', '=', 'START')
      .execute()
  })
}

/** The newest complete execution of that cache key in the project, itself not from the cache. */
export async function findCached(
  db: Kysely<Tables>,
  projectId: number,
  cacheKey: string,
): Promise<ExecutionRecord | null> {
  const row = await db
    .selectFrom('execution')
    .innerJoin('run', 'run.id', 'execution.run_id')
    .selectAll('execution')
    .where('cache_key', '=', cacheKey)
    .where('execution.state', '=', 'COMPLETE')
    .where('cached_from', 'is', null)
    .where('run.project_id', '=', projectId)
    .orderBy('execution.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? toExecution(row) : null
}

/** The files an execution was given, by key, in order. */
export async function inputsOf(
  db: Kysely<Tables>,
  execution: number,
): Promise<Readonly<Record<string, readonly ArtifactRecord[]>>> {
  const rows = await db
    .selectFrom('event')
    .innerJoin('artifact', 'artifact.id', 'event.artifact_id')
    .selectAll('artifact')
    .select('event.key')
    .where('event.execution_id', '=', execution)
    .where('event.type', '=', 'INPUT')
    .orderBy('event.position')
    .execute()
  const inputs: Record<string, ArtifactRecord[]> = {}
  for (const { key, id, type, name, digest, bytes, metadata } of rows) {
    const artifact = {
      id,
      type,
      name,
      digest,
      bytes,
      metadata: JSON.parse(metadata) as ArtifactRecord['metadata'],
    }
    inputs[key] = [...(inputs[key] ?? []), artifact]
  }
  return inputs
}

/** The executions of a run, in the order they were started. */
export async function listExecutions(db: Kysely<Tables>, runId: number): Promise<readonly ExecutionRecord[]> {
  const rows = await db
    .selectFrom('execution')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('id')
    .execute()
  return rows.map(toExecution)
}

/** The execution of that number; null when there is none. */
export async function findExecution(db: Kysely<Tables>, id: number): Promise<ExecutionRecord | null> {
  const row = await db.selectFrom('execution').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toExecution(row) : null
}

export const toExecution = (row: Selectable<ExecutionTable>): ExecutionRecord => ({
  id: row.id,
  runId: row.run_id,
  path: row.path,
  attempt: row.attempt,
  component: row.component,
  version: row.version,
  codeVersion: row.code_version,
  state: row.state,
  host: row.host,
  createdMs: row.created_ms,
  startedMs: row.started_ms,
  endedMs: row.ended_ms,
  parameters: JSON.parse(row.parameters) as ExecutionRecord['parameters'],
  outputs: row.outputs === null ? null : (JSON.parse(row.outputs) as ExecutionOutputs),
  error: row.error,
  cachedFrom: row.cached_from,
  logDigest: row.log_digest,
  resources: row.resources === null ? null : (JSON.parse(row.resources) as Json),
  energyKwh: row.energy_kwh,
  epoch: row.epoch,
  beats: row.beats,
})
