import type { Kysely, Selectable, Transaction } from 'kysely'
import type { BatchListing } from '../data/batch.ts'
import type { Feedback } from '../data/feedback.ts'
import type { Json } from '../data/json.ts'
import { listFeedback } from './actions.ts'
import type { BatchTable, Tables } from './schema.ts'
import { writing } from './sqlite.ts'

/** A judged batch: its listing, where its profile and sample lie, and its place in the order of arrival. */
export interface BatchRecord {
  readonly id: number
  readonly listing: BatchListing
  readonly revision: number
  readonly slot: number
  readonly rows: number
  readonly profileDigest: string
  readonly sampleDigest: string
  readonly judgedMs: number
  /** Whether it is held for normal: as people say, else as the monitor found. */
  readonly inBaseline: boolean
  readonly label: string | null
  /** What people made of it; null while they say nothing. */
  readonly feedback: Feedback | null
}

/** The numbers of one batch: for each series, one number per field. */
export interface ScoreRecord {
  readonly batchId: number
  readonly fields: readonly string[]
  /** Series ids. Shape [series]. */
  readonly series: Float64Array
  /** Shape [fields, series], row-major. */
  readonly numbers: Float64Array
  readonly summary: Json
}

/** What a judgement stores, all or nothing. */
export interface Judgement {
  readonly datasetId: number
  readonly listing: BatchListing
  readonly rows: number
  readonly profileDigest: string
  readonly sampleDigest: string
  readonly judgedMs: number
  readonly inBaseline: boolean
  readonly label: string | null
  /** Series of the scores: key, and a description stored once per series. */
  readonly series: readonly { readonly key: string; readonly description: Json }[]
  readonly fields: readonly string[]
  /** Shape [fields, series], row-major. */
  readonly numbers: Float64Array
  readonly summary: Json
}

/**
 * Stores a judgement in one transaction. When this content of the batch was judged meanwhile by another process,
 * nothing is stored and that record is returned: the first acknowledged judgement stands.
 */
export async function recordJudgement(db: Kysely<Tables>, judgement: Judgement): Promise<BatchRecord> {
  return writing(db, async (transaction) => {
    const earlier = await latestRevision(transaction, judgement)
    if (earlier && earlier.content_hash === judgement.listing.contentHash) return toRecord(earlier)
    await retire(transaction, judgement)
    const row = await insertBatch(transaction, judgement, earlier)
    const ids = await seriesIds(transaction, judgement)
    await transaction
      .insertInto('score')
      .values({
        batch_id: row.id,
        series: bytesOf(ids),
        numbers: bytesOf(judgement.numbers),
        fields: JSON.stringify(judgement.fields),
        summary: JSON.stringify(judgement.summary),
      })
      .execute()
    return toRecord(row)
  })
}

const latestRevision = (db: Transaction<Tables>, { datasetId, listing }: Judgement) =>
  db
    .selectFrom('batch')
    .selectAll()
    .where('dataset_id', '=', datasetId)
    .where('key', '=', listing.key)
    .orderBy('revision', 'desc')
    .executeTakeFirst()

const retire = (db: Transaction<Tables>, { datasetId, listing }: Judgement) =>
  db
    .updateTable('batch')
    .set({ is_current: 0, in_baseline: 0 })
    .where('dataset_id', '=', datasetId)
    .where('key', '=', listing.key)
    .execute()

async function insertBatch(
  db: Transaction<Tables>,
  judgement: Judgement,
  earlier: Selectable<BatchTable> | undefined,
): Promise<Selectable<BatchTable>> {
  const { listing } = judgement
  const slot = earlier?.slot ?? (await nextSlot(db, judgement.datasetId))
  return db
    .insertInto('batch')
    .values({
      dataset_id: judgement.datasetId,
      key: listing.key,
      revision: (earlier?.revision ?? 0) + 1,
      slot,
      start_ms: listing.startMs,
      end_ms: listing.endMs,
      uri: listing.uri,
      content_hash: listing.contentHash,
      bytes: listing.bytes,
      modified_ms: listing.modifiedMs,
      rows: judgement.rows,
      profile_digest: judgement.profileDigest,
      sample_digest: judgement.sampleDigest,
      judged_ms: judgement.judgedMs,
      is_current: 1,
      in_baseline: judgement.inBaseline ? 1 : 0,
      label: judgement.label,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function nextSlot(db: Transaction<Tables>, datasetId: number): Promise<number> {
  const row = await db
    .selectFrom('batch')
    .select((select) => select.fn.max('slot').as('last'))
    .where('dataset_id', '=', datasetId)
    .executeTakeFirst()
  return Number(row?.last ?? 0) + 1
}

/** Series in one statement: a batch of a wide table brings thousands. */
const SERIES_AT_ONCE = 200

async function seriesIds(db: Transaction<Tables>, { datasetId, series }: Judgement): Promise<Float64Array> {
  const known = await seriesByKey(db, datasetId)
  const fresh = series.filter(({ key }) => !known.has(key))
  for (let first = 0; first < fresh.length; first += SERIES_AT_ONCE) {
    const some = fresh.slice(first, first + SERIES_AT_ONCE)
    const rows = await db
      .insertInto('series')
      .values(
        some.map(({ key, description }) => ({
          dataset_id: datasetId,
          key,
          description: JSON.stringify(description),
        })),
      )
      .returning(['id', 'key'])
      .execute()
    for (const { id, key } of rows) known.set(key, id)
  }
  return Float64Array.from(series, ({ key }) => known.get(key)!)
}

async function seriesByKey(db: Transaction<Tables>, datasetId: number): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('series')
    .select(['id', 'key'])
    .where('dataset_id', '=', datasetId)
    .execute()
  return new Map(rows.map((row) => [row.key, row.id]))
}

/** Current batches of a dataset in the order of arrival. */
export async function listBatches(db: Kysely<Tables>, datasetId: number): Promise<readonly BatchRecord[]> {
  const rows = await db
    .selectFrom('batch')
    .selectAll()
    .where('dataset_id', '=', datasetId)
    .where('is_current', '=', 1)
    .orderBy('slot')
    .execute()
  const feedback = await listFeedback(db, datasetId)
  return rows.map((row) => withFeedback(toRecord(row), feedback.get(row.id) ?? null))
}

/** Scores of the current batches, by batch id. */
export async function listScores(
  db: Kysely<Tables>,
  datasetId: number,
): Promise<ReadonlyMap<number, ScoreRecord>> {
  const rows = await db
    .selectFrom('score')
    .innerJoin('batch', 'batch.id', 'score.batch_id')
    .selectAll('score')
    .where('batch.dataset_id', '=', datasetId)
    .where('batch.is_current', '=', 1)
    .execute()
  return new Map(
    rows.map((row) => [
      row.batch_id,
      {
        batchId: row.batch_id,
        fields: JSON.parse(row.fields) as string[],
        series: numbersOf(row.series),
        numbers: numbersOf(row.numbers),
        summary: JSON.parse(row.summary) as Json,
      },
    ]),
  )
}

/** Descriptions of the series of a dataset, by id. */
export async function listSeries(db: Kysely<Tables>, datasetId: number): Promise<ReadonlyMap<number, Json>> {
  const rows = await db
    .selectFrom('series')
    .select(['id', 'description'])
    .where('dataset_id', '=', datasetId)
    .execute()
  return new Map(rows.map((row) => [row.id, JSON.parse(row.description) as Json]))
}

/** A record under what people say now, given what the monitor itself found. */
const withFeedback = (record: BatchRecord, feedback: Feedback | null): BatchRecord =>
  feedback === null ? record : { ...record, feedback, inBaseline: feedback !== 'real' }

/** Puts a batch into the baseline, or takes it out, for as long as people say nothing of it. */
export async function setBaseline(db: Kysely<Tables>, batchId: number, inBaseline: boolean): Promise<void> {
  await writing(db, (transaction) =>
    transaction
      .updateTable('batch')
      .set({ in_baseline: inBaseline ? 1 : 0 })
      .where('id', '=', batchId)
      .execute(),
  )
}

const bytesOf = (numbers: Float64Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)

/** Copied, since a blob may start at any byte and doubles may not. */
const numbersOf = (bytes: Uint8Array): Float64Array => new Float64Array(Uint8Array.from(bytes).buffer)

function toRecord(row: Selectable<BatchTable>): BatchRecord {
  return {
    id: row.id,
    listing: {
      key: row.key,
      startMs: row.start_ms,
      endMs: row.end_ms,
      uri: row.uri,
      contentHash: row.content_hash,
      bytes: row.bytes,
      modifiedMs: row.modified_ms,
    },
    revision: row.revision,
    slot: row.slot,
    rows: row.rows,
    profileDigest: row.profile_digest,
    sampleDigest: row.sample_digest,
    judgedMs: row.judged_ms,
    inBaseline: row.in_baseline === 1,
    label: row.label,
    feedback: null,
  }
}
