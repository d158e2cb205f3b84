import path from 'node:path'
import type { Client } from 'pg'
import type { BatchListing, MaterialisedBatch } from '../data/batch.ts'
import { FiableError } from '../data/errors.ts'
import { checkedEvery, checkedTimeZone, type Every, periodKey, periodSpan } from './calendar.ts'
import { textHash } from './file-hash.ts'
import { nearNames } from './near-names.ts'
import { type Notices, openNotices } from './notices.ts'
import { parquetRows } from './parquet-file.ts'
import { type Address, inTransaction, readAddress } from './postgres-connection.ts'
import { streamRows } from './postgres-rows.ts'
import type { PostgresColumn } from './postgres-types.ts'
import { dataOf, type Source, type SourceContext, type SourceDeclaration, type SourceKind } from './source.ts'

const SCHEME = /^postgres(ql)?:\/\//i

/**
 * The rows of a PostgreSQL (11 or newer) table or query, cut into calendar periods by a date or timestamp column.
 *
 * Everything is read in read-only transactions; a batch is streamed, and refused when it is not the one listed. TLS as
 * the URL says (`?sslmode=verify-full`). `contentHash` is computed by the database over its rows whatever their order.
 */
export const postgresSource: SourceKind = {
  name: 'PostgreSQL',
  summary: 'A table or query of a PostgreSQL database, cut by a date column.',
  accepts: (declaration) => dataOf(declaration).some((data) => SCHEME.test(data)),
  async open(declaration, context) {
    return openPostgres(await readTask(declaration, context))
  },
}

interface PostgresTask {
  readonly address: Address
  /** SQL of what is read, with the alias ROW. */
  readonly from: string
  /** The table's name, or `query`, for users. */
  readonly name: string
  readonly table: string | null
  readonly by: string
  readonly every: Every
  readonly timeZone: string
  readonly context: SourceContext
  readonly notices: Notices
}

/** Alias of the rows; unlikely to be a column, which would hide it. */
const ROW = 'fiable_row'

async function readTask(declaration: SourceDeclaration, context: SourceContext): Promise<PostgresTask> {
  const [url, ...others] = dataOf(declaration)
  const { table, query, by } = declaration
  if (others.length > 0)
    throw badConfig('data names a database and more', 'Declare one dataset per database table.')
  if ((table === undefined) === (query === undefined))
    throw badConfig('table and query are both given or both missing', 'Set either table or query.')
  if (by === undefined)
    throw badConfig('by is missing', 'Set by to the date or timestamp column that cuts batches.')
  return {
    address: readAddress(url!),
    from: table ? `${quoteTable(table)} AS ${ROW}` : `(${query!.trim().replace(/;\s*$/, '')}\n) AS ${ROW}`,
    name: table ?? 'query',
    table: table ?? null,
    by,
    every: checkedEvery(declaration.every),
    timeZone: checkedTimeZone(declaration.timeZone ?? 'UTC'),
    context,
    notices: openNotices(context.onProgress),
  }
}

const badConfig = (what: string, fix: string): FiableError =>
  new FiableError('BAD_CONFIG', `A source in PostgreSQL needs table or query, and by, but ${what}.`, fix)

const quoteId = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** `orders`, `sales.orders`, or with quotes around parts that hold dots: `"odd.schema".orders`. */
function quoteTable(table: string): string {
  const parts = table.match(/"(?:[^"]|"")*"|[^.]+/g) ?? [table]
  return parts.map((part) => (part.startsWith('"') ? part : quoteId(part))).join('.')
}

function openPostgres(task: PostgresTask): Source {
  let dropped = 0
  return {
    get description() {
      const lost = dropped > 0 ? `; ${dropped} rows without a date are in no batch` : ''
      return `${uriOf(task)}: one ${task.every} of '${task.by}' (${task.timeZone}) is one batch${lost}`
    },
    notices: task.notices.sentences,
    get dropped() {
      return dropped
    },
    async list() {
      const groups = await inTransaction(task.address, (client) => listGroups(task, client))
      dropped = groups.find(({ bucketMs }) => bucketMs === null)?.rows ?? 0
      if (dropped > 0) task.notices.add(`${dropped} rows have no date in '${task.by}': they are in no batch.`)
      return requireBatches(task, groups)
    },
    materialise: (listing, folder) => materialise(task, listing, folder),
    async close() {},
  }
}

const uriOf = (task: PostgresTask): string => `${task.address.shown}/${task.name}`

interface RowGroup {
  readonly bucketMs: number | null
  readonly rows: number
  readonly hash: string
}

function requireBatches(task: PostgresTask, groups: readonly RowGroup[]): readonly BatchListing[] {
  const listings = groups.flatMap(({ bucketMs, hash }) => {
    if (bucketMs === null) return []
    const key = periodKey(bucketMs, task.every)
    const span = periodSpan(bucketMs, task.every, task.timeZone)
    return [{ key, ...span, uri: uriOf(task), contentHash: hash, bytes: null, modifiedMs: null }]
  })
  if (listings.length > 0) return listings
  throw new FiableError(
    'NO_BATCHES',
    `${uriOf(task)} gives no batch: it has no row with a date in '${task.by}'.`,
    'Fill the table, or set by to another column.',
  )
}

/** What is read, once it is known to have a column that cuts. */
interface Shape {
  readonly columns: readonly PostgresColumn[]
  /** SQL of the start of a row's period on the wall clock; $1 is the zone. */
  readonly bucket: string
  readonly by: PostgresColumn
}

const DATES: ReadonlyMap<number, string> = new Map([
  [1082, 'date'],
  [1114, 'timestamp'],
  [1184, 'timestamptz'],
])

async function shapeOf(task: PostgresTask, client: Client): Promise<Shape> {
  const columns = await describe(task, client)
  const by = findBy(task, columns)
  const name = `${ROW}.${quoteId(by.name)}`
  const local = DATES.get(by.typeId) === 'timestamptz' ? `${name} AT TIME ZONE $1` : `${name}::timestamp`
  // The zone must occur in every statement that is given it.
  const zoned = `CASE WHEN isfinite(${name}) AND $1::text IS NOT NULL THEN ${local} END`
  return { columns, by, bucket: `date_trunc('${task.every}', ${zoned})` }
}

/** Columns of the rows; a parameter makes the driver send one statement only, whatever the query holds. */
async function describe(task: PostgresTask, client: Client): Promise<readonly PostgresColumn[]> {
  const sql = `SELECT ${ROW}.* FROM ${task.from} WHERE $1::boolean`
  try {
    const { fields } = await client.query(sql, ['false'])
    return distinct(
      task,
      fields.map((field) => ({
        name: field.name,
        typeId: field.dataTypeID,
        modifier: field.dataTypeModifier,
      })),
    )
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === '42P01' && task.table)
      throw await noTable(task, task.table)
    throw cause
  }
}

function distinct(task: PostgresTask, columns: readonly PostgresColumn[]): readonly PostgresColumn[] {
  const names = columns.map(({ name }) => name.toLowerCase())
  const twice = columns.find((_, i) => names.indexOf(names[i]!) !== i)
  if (!twice) return columns
  throw new FiableError(
    'BAD_SCHEMA',
    `${uriOf(task)} has two columns '${twice.name}' (case ignored), but names must be distinct.`,
    'Use query, and name one of them apart with AS.',
  )
}

/** The failed statement ended its transaction, so the tables there are asked for in another. */
async function noTable(task: PostgresTask, table: string): Promise<FiableError> {
  const tables = await inTransaction(task.address, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 LIMIT 1000`,
    )
    return rows.map(({ name }) => name.replace(/^public\./, ''))
  })
  const near = nearNames(table, tables)
  const there = (near.length > 0 ? near : tables.slice(0, 5)).join(', ') || 'none that this user may read'
  return new FiableError(
    'DATABASE_FAILED',
    `${task.address.shown} has no table '${table}'. Tables there: ${there}.`,
    'Set table to one that exists, as schema.table in its exact case.',
  )
}

function findBy(task: PostgresTask, columns: readonly PostgresColumn[]): PostgresColumn {
  const by = columns.find(({ name }) => name === task.by)
  const dates = columns.filter(({ typeId }) => DATES.has(typeId)).map(({ name }) => name)
  const fix = `Set by to a column of dates: ${dates.join(', ') || 'there is none here'}; or use query to cast one with ::timestamptz.`
  if (by && DATES.has(by.typeId)) return by
  if (by)
    throw new FiableError(
      'NO_DATE_COLUMN',
      `Column '${by.name}' of ${uriOf(task)} cannot cut batches: it must be a date, timestamp or timestamptz.`,
      fix,
    )
  const near = nearNames(
    task.by,
    columns.map(({ name }) => name),
  )
  const meant = near.length > 0 ? ` Near: ${near.join(', ')}.` : ''
  throw new FiableError(
    'UNKNOWN_COLUMN',
    `by is '${task.by}', but ${uriOf(task)} has no such column.${meant}`,
    fix,
  )
}

const HASH = `sum(hashtextextended(${ROW}::text, 0))::text`

async function listGroups(task: PostgresTask, client: Client): Promise<readonly RowGroup[]> {
  const { bucket } = await shapeOf(task, client)
  task.context.onProgress?.({ stage: `hashing ${task.name} in the database`, done: 0, total: null })
  return groupRows(
    client,
    `SELECT ${bucket} AS bucket, count(*) AS n, ${HASH} AS hash FROM ${task.from} GROUP BY 1`,
    [task.timeZone],
  )
}

async function groupRows(
  client: Client,
  groups: string,
  values: readonly string[],
): Promise<readonly RowGroup[]> {
  const { rows } = await client.query<{ ms: string | null; n: string; hash: string }>(
    `SELECT (extract(epoch FROM bucket) * 1000)::bigint AS ms, n, hash FROM (${groups}) AS groups ORDER BY bucket NULLS LAST`,
    [...values],
  )
  return rows.map(({ ms, n, hash }) => ({
    bucketMs: ms === null ? null : Number(ms),
    rows: Number(n),
    hash: textHash(`${n} rows, ${hash}`),
  }))
}

/** Two days around a period hold all its rows in whatever zone: plain bounds let the database use an index. */
const MARGIN_MS = 2 * 86_400_000

async function materialise(
  task: PostgresTask,
  listing: BatchListing,
  folder: string,
): Promise<MaterialisedBatch> {
  const target = path.join(
    folder,
    `${textHash(`${listing.key}\0${listing.contentHash}`).slice(0, 32)}.parquet`,
  )
  await inTransaction(task.address, async (client) => {
    const { columns, by, bucket } = await shapeOf(task, client)
    const { where, values } = periodFilter(task, listing, { by, bucket })
    const counted = `SELECT ${bucket} AS bucket, count(*) AS n, ${HASH} AS hash FROM ${task.from} WHERE ${where} GROUP BY 1`
    const [group] = await groupRows(client, counted, values)
    if (group?.hash !== listing.contentHash) throw changed(task, listing)
    const sql = `SELECT ${ROW}.* FROM ${task.from} WHERE ${where}`
    await streamRows({
      engine: task.context.engine,
      client,
      sql,
      values,
      columns,
      target,
      notices: task.notices,
    })
  })
  return { listing, path: target, borrowed: false, rows: await parquetRows(task.context.engine, target) }
}

function periodFilter(
  task: PostgresTask,
  { key, startMs, endMs }: BatchListing,
  { by, bucket }: Pick<Shape, 'by' | 'bucket'>,
): { readonly where: string; readonly values: readonly string[] } {
  const name = `${ROW}.${quoteId(by.name)}`
  const type = DATES.get(by.typeId)!
  const formats = { hour: 'YYYY-MM-DD"T"HH24', day: 'YYYY-MM-DD', week: 'IYYY-"W"IW', month: 'YYYY-MM' }
  return {
    where: `${name} >= $3::${type} AND ${name} < $4::${type} AND to_char(${bucket}, '${formats[task.every]}') = $2`,
    values: [task.timeZone, key, iso(startMs! - MARGIN_MS), iso(endMs! + MARGIN_MS)],
  }
}

const iso = (instantMs: number): string => new Date(instantMs).toISOString()

const changed = (task: PostgresTask, { key }: BatchListing): FiableError =>
  new FiableError(
    'SOURCE_CHANGED',
    `The rows of ${key} in ${uriOf(task)} are not those that were listed: they changed in between.`,
    'Run again, so that the batches are listed anew.',
  )
