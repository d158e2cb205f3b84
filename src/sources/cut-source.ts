import { copyFile, link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { BatchListing, MaterialisedBatch } from '../data/batch.ts'
import { FiableError } from '../data/errors.ts'
import { type Engine, quoteName, quoteText } from '../engines/duckdb.ts'
import { checkedEvery, checkedTimeZone, type Every, periodKey, periodSpan } from './calendar.ts'
import { type DescribedColumn, dateExpression } from './date-column.ts'
import { textHash } from './file-hash.ts'
import { systemCode, whileUnchanged } from './file-stamp.ts'
import { type DataFile, findFiles } from './find-files.ts'
import { compareNaturally } from './natural-order.ts'
import { type Notices, openNotices } from './notices.ts'
import { engineText, parquetRows, quotePath, writeParquet } from './parquet-file.ts'
import { readFile } from './read-file.ts'
import { type RelationPart, relationOf } from './relation.ts'
import { rowHash } from './row-hash.ts'
import {
  dataOf,
  describePlaces,
  type Source,
  type SourceContext,
  type SourceDeclaration,
  type SourceKind,
} from './source.ts'

/**
 * The rows of all files, cut into calendar periods by a column of dates or times.
 *
 * Files are united by name (a notice says when they differ). Rows without a date are in no batch: `dropped` counts them.
 * `contentHash` is that of the batch's rows whatever their order, so appending other days leaves it as it is; widening
 * the type of a column changes it.
 */
export const cutSource: SourceKind = {
  name: 'cut files',
  summary: 'Files, globs or folders, cut into hours, days, weeks or months by a column.',
  accepts: (declaration) => declaration.by !== undefined,
  async open(declaration, context) {
    return openCut(declaration, context)
  },
}

/** What `list` found, and `materialise` reads. */
interface Cut {
  readonly files: readonly DataFile[]
  readonly relation: string
  readonly columns: readonly string[]
  /** SQL of the start of a row's period, on the wall clock. */
  readonly bucket: string
  /** Periods by batch key, as epoch ms of the wall clock. */
  readonly buckets: ReadonlyMap<string, number>
  /** Keys not known before: these are cut out together. */
  readonly pending: readonly string[]
  /** Folder of the pending batches once cut, one folder per bucket. */
  parts: string | null
}

interface CutTask {
  readonly by: string
  readonly every: Every
  readonly timeZone: string
  readonly data: readonly string[]
  readonly context: SourceContext
  readonly notices: Notices
  /** Folder of this source's copies. */
  readonly folder: string
}

async function openCut(declaration: SourceDeclaration, context: SourceContext): Promise<Source> {
  const task: CutTask = {
    by: declaration.by!,
    every: checkedEvery(declaration.every),
    timeZone: checkedTimeZone(declaration.timeZone ?? 'UTC'),
    data: dataOf(declaration),
    context,
    notices: openNotices(context.onProgress),
    folder: await mkdtemp(path.join(context.workFolder, 'cut-')),
  }
  let dropped = 0
  let cut: Cut | null = null
  const list = async (known: ReadonlyMap<string, BatchListing>): Promise<readonly BatchListing[]> => {
    const found = await listCut(task, known)
    ;({ cut, dropped } = found)
    return found.listings
  }
  return {
    get description() {
      const lost = dropped > 0 ? `; ${dropped} rows without a date are in no batch` : ''
      return `${describePlaces(task.data)}: one ${task.every} of '${task.by}' (${task.timeZone}) is one batch${lost}`
    },
    notices: task.notices.sentences,
    get dropped() {
      return dropped
    },
    list: (known = new Map()) => list(known),
    async materialise(listing, folder) {
      if (!cut) await list(new Map())
      return materialise(task, cut!, { listing, folder })
    },
    close: () => rm(task.folder, { recursive: true, force: true }),
  }
}

interface CutListing {
  readonly cut: Cut
  readonly dropped: number
  readonly listings: readonly BatchListing[]
}

async function listCut(task: CutTask, known: ReadonlyMap<string, BatchListing>): Promise<CutListing> {
  const found = await findFiles(task.data, task.context.baseFolder, task.notices)
  const files = [...found].sort((a, b) => compareNaturally(a.name, b.name))
  const relation = relationOf(await readParts(task, files))
  return whileUnchanged(files, async () => {
    const columns = await describe(task, relation, files)
    const search = {
      engine: task.context.engine,
      relation,
      columns,
      timeZone: task.timeZone,
      where: nameOf(task),
    }
    const time = await dateExpression(task.by, search)
    const bucket = `date_trunc(${quoteText(task.every)}, ${time})`
    const names = columns.map(({ name }) => name)
    const groups = await groupRows(task, { relation, columns: names, bucket })
    const listings = groups.flatMap((group) => listingOf(task, group) ?? [])
    const dropped = groups.find(({ bucketMs }) => bucketMs === null)?.rows ?? 0
    if (dropped > 0) task.notices.add(`${dropped} rows have no date in '${task.by}': they are in no batch.`)
    requireBatches(task, listings, dropped)
    const buckets = new Map(
      listings.map(({ key }, i) => [key, groups.filter((g) => g.bucketMs !== null)[i]!.bucketMs!]),
    )
    const pending = listings
      .filter(({ key, contentHash }) => known.get(key)?.contentHash !== contentHash)
      .map(({ key }) => key)
    return {
      listings,
      dropped,
      cut: { files, relation, columns: names, bucket, buckets, pending, parts: null },
    }
  })
}

const nameOf = (task: CutTask): string => describePlaces(task.data)

function requireBatches(task: CutTask, listings: readonly BatchListing[], dropped: number): void {
  if (listings.length > 0) return
  const why = dropped > 0 ? `all ${dropped} rows have no date in '${task.by}'` : 'there are no rows'
  throw new FiableError(
    'NO_BATCHES',
    `${nameOf(task)} gives no batch: ${why}.`,
    'Deliver rows with dates, or set by to another column.',
  )
}

async function readParts(task: CutTask, files: readonly DataFile[]): Promise<RelationPart[]> {
  const parts: RelationPart[] = []
  for (const [i, file] of files.entries()) {
    task.context.onProgress?.({ stage: 'reading files', done: i, total: files.length })
    parts.push({ parquet: await readPart(task, file), partitions: file.partitions })
  }
  return parts
}

/** The Parquet of a file, from an earlier `list` when the file is still the same. */
async function readPart(task: CutTask, file: DataFile): Promise<string> {
  const target = path.join(
    task.folder,
    `${textHash(`${file.path}\0${file.bytes}\0${file.modifiedMs}`).slice(0, 32)}.parquet`,
  )
  const before = await readdir(task.folder)
  if (before.includes(path.basename(target))) return target
  return readFile(file, target, {
    engine: task.context.engine,
    workFolder: task.folder,
    notices: task.notices,
  })
}

async function describe(
  task: CutTask,
  relation: string,
  files: readonly DataFile[],
): Promise<readonly DescribedColumn[]> {
  try {
    const rows = await task.context.engine.query(`DESCRIBE FROM ${relation}`)
    const columns = rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
    await noteMixedSchemas(task, relation, files.length)
    return columns
  } catch (cause) {
    throw new FiableError(
      'BAD_SCHEMA',
      `The files of ${nameOf(task)} cannot be united by column name: ${engineText(cause)}`,
      'Give a column one type in all files, or name only files that belong together.',
      { cause },
    )
  }
}

/** Says so when files differ in columns or types: absent columns become null, types widen. */
async function noteMixedSchemas(task: CutTask, relation: string, count: number): Promise<void> {
  if (count < 2) return
  const files = [...relation.matchAll(/read_parquet\((\[.*?\]), union_by_name/g)].map((match) => match[1]!)
  const lists = files.map(
    (list) =>
      `SELECT file_name, name, type, coalesce(logical_type, '') AS logical FROM parquet_schema(${list})`,
  )
  const rows = await task.context.engine.query(
    `SELECT signature, any_value(file_name) AS file FROM
       (SELECT file_name, string_agg(name || ' ' || coalesce(type, '') || ' ' || logical, ', ' ORDER BY name) AS signature
        FROM (${lists.join(' UNION ALL ')}) WHERE type IS NOT NULL GROUP BY file_name) GROUP BY signature`,
  )
  if (rows.length > 1)
    task.notices.add(
      `The ${count} files of ${nameOf(task)} have ${rows.length} different schemas: columns are united by name, absent ones are null, unequal types are widened.`,
    )
}

interface RowGroup {
  /** Start of the period on the wall clock; null for rows without a date. */
  readonly bucketMs: number | null
  readonly rows: number
  readonly hash: string
}

async function groupRows(
  task: CutTask,
  cut: Pick<Cut, 'relation' | 'columns' | 'bucket'>,
): Promise<readonly RowGroup[]> {
  const rows = await task.context.engine.query(
    `SELECT epoch_ms(CAST(bucket AS TIMESTAMP)) AS ms, count(*) AS n, CAST(sum(hash) AS VARCHAR) AS hash FROM
       (SELECT ${cut.bucket} AS bucket, ${rowHash(cut.columns)} AS hash FROM ${cut.relation})
     GROUP BY bucket ORDER BY ms NULLS LAST`,
  )
  return rows.map(({ ms, n, hash }) => ({
    bucketMs: ms === null ? null : Number(ms),
    rows: Number(n),
    hash: textHash(`${n} rows, ${hash}`),
  }))
}

function listingOf(task: CutTask, { bucketMs, hash }: RowGroup): BatchListing | null {
  if (bucketMs === null) return null
  const span = periodSpan(bucketMs, task.every, task.timeZone)
  const key = periodKey(bucketMs, task.every)
  const folders = task.data.map((each) => path.resolve(task.context.baseFolder, each))
  return { key, ...span, uri: folders.join(', '), contentHash: hash, bytes: null, modifiedMs: null }
}

interface Wanted {
  readonly listing: BatchListing
  readonly folder: string
}

async function materialise(task: CutTask, cut: Cut, { listing, folder }: Wanted): Promise<MaterialisedBatch> {
  const bucketMs = cut.buckets.get(listing.key)
  if (bucketMs === undefined)
    throw new FiableError(
      'SOURCE_CHANGED',
      `${nameOf(task)} has no rows of ${listing.key} any more.`,
      'Run again, so that the batches are listed anew.',
    )
  const name = textHash(`${listing.key}\0${listing.contentHash}`).slice(0, 32)
  const target = path.join(folder, `${name}.parquet`)
  if (cut.pending.includes(listing.key)) await takePart(task, cut, { bucketMs, target })
  else await whileUnchanged(cut.files, () => writeParquet(task.context.engine, rowsOf(cut, bucketMs), target))
  return { listing, path: target, borrowed: false, rows: await parquetRows(task.context.engine, target) }
}

const rowsOf = (cut: Cut, bucketMs: number): string =>
  `FROM ${cut.relation} WHERE ${cut.bucket} = make_timestamp_ms(${bucketMs})`

/** Cuts all pending batches out in one pass at the first call; then each is a link away. */
async function takePart(
  task: CutTask,
  cut: Cut,
  { bucketMs, target }: { readonly bucketMs: number; readonly target: string },
): Promise<void> {
  cut.parts ??= await partition(task, cut)
  const folder = path.join(cut.parts, `${partitionColumn(cut)}=${bucketMs}`)
  const files = (await readdir(folder)).map((file) => path.join(folder, file))
  if (files.length === 1) return linkOrCopy(files[0]!, target)
  const list = files.map(quotePath).join(', ')
  await writeParquet(task.context.engine, `FROM read_parquet([${list}], hive_partitioning=false)`, target)
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await rm(to, { force: true })
  try {
    await link(from, to)
  } catch (cause) {
    if (!['EXDEV', 'EPERM', 'EMLINK'].includes(systemCode(cause) ?? '')) throw cause
    await copyFile(from, to)
  }
}

/** A column name that no column of the user has. */
function partitionColumn(cut: Cut): string {
  const taken = new Set(cut.columns.map((name) => name.toLowerCase()))
  let name = 'fiable_period'
  while (taken.has(name)) name += '_'
  return name
}

async function partition(task: CutTask, cut: Cut): Promise<string> {
  const { engine, onProgress } = task.context
  onProgress?.({ stage: 'cutting batches', done: 0, total: cut.pending.length })
  const folder = path.join(task.folder, `parts-${textHash(cut.pending.join()).slice(0, 16)}`)
  await mkdir(folder, { recursive: true })
  const column = quoteName(partitionColumn(cut))
  const wanted = cut.pending.map((key) => cut.buckets.get(key)!).join(', ')
  const bucket = `epoch_ms(CAST(${cut.bucket} AS TIMESTAMP))`
  const select = `SELECT *, ${bucket} AS ${column} FROM ${cut.relation} WHERE ${bucket} IN (${wanted})`
  const copy = `COPY (${select}) TO ${quoteText(folder)} (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (${column}), OVERWRITE true)`
  await whileUnchanged(cut.files, () => onOneThread(engine, () => engine.run(copy)))
  return folder
}

/** Several threads would write the rows of a batch in another order each time, and samples depend on it. */
async function onOneThread(engine: Engine, work: () => Promise<void>): Promise<void> {
  await engine.run('set threads = 1')
  try {
    await work()
  } finally {
    await engine.run(`set threads = ${engine.threads}`)
  }
}
