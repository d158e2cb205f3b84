import type { Kysely } from 'kysely'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import { type ExecutionRecord, toExecution } from './executions.ts'
import { versionOf } from './registry.ts'
import type { Tables } from './schema.ts'

/** An artifact as lineage shows it. */
export interface LineageArtifact {
  readonly id: number
  readonly type: string
  readonly name: string
  readonly digest: string
  readonly uri: string
  readonly bytes: number
  readonly rows: number | null
  readonly metadata: Json
}

export type LineageExecution = Pick<
  ExecutionRecord,
  | 'id'
  | 'runId'
  | 'path'
  | 'component'
  | 'version'
  | 'codeVersion'
  | 'state'
  | 'host'
  | 'parameters'
  | 'startedMs'
  | 'endedMs'
>

/** An artifact went into an execution, or came out of it. */
export interface LineageEvent {
  readonly execution: number
  readonly artifact: number
  readonly type: 'INPUT' | 'OUTPUT'
  readonly key: string
}

/** What something was made of, or what was made of it: executions, artifacts, and the events between them. */
export interface Lineage {
  readonly artifacts: readonly LineageArtifact[]
  readonly executions: readonly LineageExecution[]
  readonly events: readonly LineageEvent[]
  /** True when there is more beyond the depth asked for. */
  readonly isCut: boolean
}

export interface LineageQuery {
  /** `back` to what it was made of, `forward` to what was made of it. */
  readonly direction: 'back' | 'forward'
  /** Executions in a row, default 20. */
  readonly depth?: number
}

/** Ids asked for in one statement. */
const AT_ONCE = 500

/**
 * Walks from artifacts through the executions that made or used them; an execution that took its outputs from the cache counts
 * as one that made them.
 */
export async function lineageOf(
  db: Kysely<Tables>,
  artifacts: readonly number[],
  { direction, depth = 20 }: LineageQuery,
): Promise<Lineage> {
  const events: LineageEvent[] = []
  const seen = { artifacts: new Set(artifacts), executions: new Set<number>() }
  let frontier: readonly number[] = artifacts
  for (let level = 0; level < depth && frontier.length > 0; level++) {
    const [into, outOf] =
      direction === 'back' ? (['OUTPUT', 'INPUT'] as const) : (['INPUT', 'OUTPUT'] as const)
    const near = await eventsOf(db, { column: 'artifact_id', ids: frontier, type: into })
    const executions = fresh(
      seen.executions,
      near.map(({ execution }) => execution),
    )
    const far = await eventsOf(db, { column: 'execution_id', ids: executions, type: outOf })
    events.push(...near, ...far)
    frontier = fresh(
      seen.artifacts,
      far.map(({ artifact }) => artifact),
    )
  }
  return {
    artifacts: await artifactsByIds(db, [...seen.artifacts]),
    executions: await executionsByIds(db, [...seen.executions]),
    events,
    isCut: frontier.length > 0,
  }
}

/** Those not seen before, which are seen now. */
function fresh(seen: Set<number>, ids: readonly number[]): readonly number[] {
  const unseen = [...new Set(ids)].filter((id) => !seen.has(id))
  for (const id of unseen) seen.add(id)
  return unseen
}

async function eventsOf(
  db: Kysely<Tables>,
  {
    column,
    ids,
    type,
  }: { column: 'artifact_id' | 'execution_id'; ids: readonly number[]; type: 'INPUT' | 'OUTPUT' },
): Promise<readonly LineageEvent[]> {
  const rows = await inParts(ids, (part) =>
    db.selectFrom('event').selectAll().where(column, 'in', part).where('type', '=', type).execute(),
  )
  return rows.map((row) => ({
    execution: row.execution_id,
    artifact: row.artifact_id,
    type: row.type,
    key: row.key,
  }))
}

async function artifactsByIds(
  db: Kysely<Tables>,
  ids: readonly number[],
): Promise<readonly LineageArtifact[]> {
  const rows = await inParts(ids, (part) =>
    db.selectFrom('artifact').selectAll().where('id', 'in', part).execute(),
  )
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    name: row.name,
    digest: row.digest,
    uri: row.uri,
    bytes: row.bytes,
    rows: row.row_count,
    metadata: JSON.parse(row.metadata) as Json,
  }))
}

async function executionsByIds(
  db: Kysely<Tables>,
  ids: readonly number[],
): Promise<readonly LineageExecution[]> {
  const rows = await inParts(ids, (part) =>
    db.selectFrom('execution').selectAll().where('id', 'in', part).execute(),
  )
  return rows.map(toExecution).sort((a, b) => a.id - b.id)
}

async function inParts<T>(ids: readonly number[], ask: (part: number[]) => Promise<T[]>): Promise<T[]> {
  const found: T[] = []
  for (let i = 0; i < ids.length; i += AT_ONCE) found.push(...(await ask(ids.slice(i, i + AT_ONCE))))
  return found
}

/**
 * The artifacts of that digest, or of a beginning of it that only one digest has; equal content may be there several times.
 *
 * @throws FiableError NOT_FOUND when there is none, BAD_ARGUMENT when several digests begin so.
 */
export async function artifactsNamed(db: Kysely<Tables>, digest: string): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('artifact')
    .select(['id', 'digest'])
    .where('digest', '>=', digest)
    .where('digest', '<=', `${digest}g`)
    .limit(AT_ONCE)
    .execute()
  const digests = new Set(rows.map((row) => row.digest))
  if (digests.size === 1) return rows.map((row) => row.id)
  throw digests.size === 0
    ? new FiableError(
        'NOT_FOUND',
        `There is no artifact ${digest}.`,
        'See the digests in `fiable runs show`.',
      )
    : new FiableError('BAD_ARGUMENT', `Several artifacts begin with ${digest}.`, 'Give more of its digits.')
}

/** The judgement of one batch as an execution: what was judged, against what, and what was stored of it. */
export interface AlertLineage {
  readonly dataset: string
  readonly batch: string
  readonly revision: number
  /** The data judged: where it was, and the digest of its content then. */
  readonly input: { readonly uri: string; readonly contentHash: string; readonly rows: number }
  readonly outputs: { readonly profileDigest: string; readonly sampleDigest: string }
  readonly judgedMs: number
  /** As declared when asked, with the alert budget in force. */
  readonly declaration: Json
  /** The batches held for normal when it was judged, oldest first. */
  readonly baseline: readonly {
    readonly batch: string
    readonly contentHash: string
    readonly profileDigest: string
  }[]
  /** Batches judged later, in whose baseline it is: what a mistake in it would have affected. */
  readonly affects: readonly string[]
  /** The version that gave the metrics of its rows, and where its own lineage begins; null without one. */
  readonly rowModel: {
    readonly name: string
    readonly version: number
    readonly digest: string
    readonly executionId: number | null
  } | null
  /** Artifacts of runs with the same content as the data, its profile or its sample. */
  readonly artifacts: readonly number[]
}

/**
 * Walks from an alert, or any verdict, back to the exact data and the past it was judged against.
 *
 * The baseline is told as it is now: batches taken out of it since are not in the list.
 *
 * @throws FiableError NOT_FOUND when the batch was not judged.
 */
export async function lineageOfAlert(
  db: Kysely<Tables>,
  dataset: string,
  batch: string,
): Promise<AlertLineage> {
  const found = await db
    .selectFrom('batch')
    .innerJoin('dataset', 'dataset.id', 'batch.dataset_id')
    .selectAll('batch')
    .select('dataset.declaration')
    .where('dataset.name', '=', dataset)
    .where('batch.key', '=', batch)
    .orderBy('revision', 'desc')
    .executeTakeFirst()
  if (!found)
    throw new FiableError(
      'NOT_FOUND',
      `There is no judged batch ${batch} of the dataset ${dataset}.`,
      'See the batches with `fiable check --all`.',
    )
  const others = await db
    .selectFrom('batch')
    .select(['key', 'slot', 'content_hash', 'profile_digest', 'in_baseline'])
    .where('dataset_id', '=', found.dataset_id)
    .where('is_current', '=', 1)
    .orderBy('slot')
    .execute()
  const digests = [found.content_hash, found.profile_digest, found.sample_digest]
  const same = await db.selectFrom('artifact').select('id').where('digest', 'in', digests).execute()
  return {
    dataset,
    batch,
    revision: found.revision,
    input: { uri: found.uri, contentHash: found.content_hash, rows: found.rows },
    outputs: { profileDigest: found.profile_digest, sampleDigest: found.sample_digest },
    judgedMs: found.judged_ms,
    declaration: JSON.parse(found.declaration) as Json,
    baseline: others
      .filter((other) => other.slot < found.slot && other.in_baseline === 1)
      .map((other) => ({
        batch: other.key,
        contentHash: other.content_hash,
        profileDigest: other.profile_digest,
      })),
    affects:
      found.in_baseline === 1 ? others.filter((other) => other.slot > found.slot).map(({ key }) => key) : [],
    rowModel: await rowModelOf(db, found.id),
    artifacts: same.map(({ id }) => id),
  }
}

/** The model version that a judgement says it took its rows' metrics from. */
async function rowModelOf(db: Kysely<Tables>, batchId: number): Promise<AlertLineage['rowModel']> {
  const score = await db
    .selectFrom('score')
    .select('summary')
    .where('batch_id', '=', batchId)
    .executeTakeFirst()
  const told = score && (JSON.parse(score.summary) as { readonly rowModel?: NamedVersion | null }).rowModel
  if (!told) return null
  const { uri, executionId } = await versionOf(db, told.name, String(told.version))
  return { ...told, digest: uri.replace('artifact:', ''), executionId }
}

interface NamedVersion {
  readonly name: string
  readonly version: number
}
