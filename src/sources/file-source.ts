import { copyFile, link, rename, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import type { BatchListing, MaterialisedBatch } from '../data/batch.ts'
import { FiableError } from '../data/errors.ts'
import { checkedTimeZone } from './calendar.ts'
import { fileHash, textHash } from './file-hash.ts'
import { systemCode, whileUnchanged } from './file-stamp.ts'
import { type DataFile, findFiles, type Partition } from './find-files.ts'
import { spanOfName } from './name-time.ts'
import { compareNaturally } from './natural-order.ts'
import { type Notices, openNotices } from './notices.ts'
import { looksLikeGlob, parquetRows, writeParquet } from './parquet-file.ts'
import { type ReadContext, readFile } from './read-file.ts'
import { type RelationPart, relationOf } from './relation.ts'
import {
  dataOf,
  describePlaces,
  type Source,
  type SourceContext,
  type SourceDeclaration,
  type SourceKind,
} from './source.ts'

/** The files of one batch: one file, or those of one hive partition folder. */
interface FileBatch {
  readonly key: string
  readonly uri: string
  readonly files: readonly [DataFile, ...DataFile[]]
  readonly partitions: readonly Partition[]
}

/**
 * Each file is a batch; a hive partition folder (`date=2024-01-01/…`) is one batch of all files in it.
 *
 * Keys are paths relative to the deepest folder the declared paths share; of a partition folder, its values
 * (`2024-01-01`). Order of arrival: by the date in the name when every name has one, else by name with numbers compared
 * as numbers.
 */
export const fileSource: SourceKind = {
  name: 'files',
  summary: 'Files, globs or folders; one file (or hive partition folder) is one batch.',
  accepts: (declaration) => declaration.by === undefined,
  async open(declaration, context) {
    return openFiles(declaration, context)
  },
}

function openFiles(declaration: SourceDeclaration, context: SourceContext): Source {
  const notices = openNotices(context.onProgress)
  const timeZone = checkedTimeZone(declaration.timeZone ?? 'UTC')
  const data = dataOf(declaration)
  let batches = new Map<string, FileBatch>()
  const find = async (): Promise<void> => {
    const files = await findFiles(data, context.baseFolder, notices)
    batches = new Map(groupFiles(files).map((batch) => [batch.key, batch]))
  }
  return {
    description: `${describePlaces(data)}: one file is one batch`,
    notices: notices.sentences,
    dropped: 0,
    async list(known) {
      await find()
      return listBatches([...batches.values()], { context, timeZone, known: known ?? new Map() })
    },
    async materialise(listing, folder) {
      if (batches.size === 0) await find()
      return materialise(requireBatch(batches, listing), { listing, folder, context, notices })
    },
    async close() {},
  }
}

function groupFiles(files: readonly DataFile[]): FileBatch[] {
  const groups = Map.groupBy(files, batchKey)
  return [...groups].map(([key, group]) => {
    const [first, ...rest] = group.sort((a, b) => compareNaturally(a.name, b.name)) as [
      DataFile,
      ...DataFile[],
    ]
    const { partitions } = first
    const uri = partitions.length > 0 ? path.dirname(first.path) : first.path
    return { key, uri, files: [first, ...rest], partitions }
  })
}

function batchKey(file: DataFile): string {
  if (file.partitions.length === 0) return file.name
  const folders = file.name.split('/').slice(0, -1)
  const above = folders.slice(0, Math.max(0, folders.length - file.partitions.length))
  return [...above, ...file.partitions.map(({ value }) => value ?? 'null')].join('/')
}

interface ListTask {
  readonly context: SourceContext
  readonly timeZone: string
  readonly known: ReadonlyMap<string, BatchListing>
}

async function listBatches(batches: readonly FileBatch[], task: ListTask): Promise<BatchListing[]> {
  const listings: BatchListing[] = []
  for (const [i, batch] of batches.entries()) {
    task.context.onProgress?.({ stage: 'hashing files', done: i, total: batches.length })
    listings.push(await listBatch(batch, task))
  }
  const dated = listings.every((listing) => listing.startMs !== null)
  return listings.sort((a, b) => (dated ? a.startMs! - b.startMs! : 0) || compareNaturally(a.key, b.key))
}

async function listBatch(batch: FileBatch, { timeZone, known }: ListTask): Promise<BatchListing> {
  const span = spanOfName(batch.key, timeZone) ?? spanOfName(batch.key.replaceAll('/', '-'), timeZone)
  const seen = {
    key: batch.key,
    startMs: span?.startMs ?? null,
    endMs: span?.endMs ?? null,
    uri: batch.uri,
    bytes: batch.files.reduce((sum, file) => sum + file.bytes, 0),
    modifiedMs: Math.max(...batch.files.map((file) => file.modifiedMs)),
  }
  const old = known.get(batch.key)
  const same = old?.uri === seen.uri && old.bytes === seen.bytes && old.modifiedMs === seen.modifiedMs
  return { ...seen, contentHash: same ? old.contentHash : await hashBatch(batch) }
}

async function hashBatch(batch: FileBatch): Promise<string> {
  return whileUnchanged(batch.files, async () => {
    if (batch.partitions.length === 0) return fileHash(batch.files[0].path)
    const lines: string[] = []
    for (const file of batch.files) lines.push(`${path.basename(file.path)}\0${await fileHash(file.path)}`)
    return textHash(lines.join('\n'))
  })
}

function requireBatch(batches: ReadonlyMap<string, FileBatch>, listing: BatchListing): FileBatch {
  const batch = batches.get(listing.key)
  if (batch) return batch
  throw new FiableError(
    'SOURCE_CHANGED',
    `${listing.uri} (batch ${listing.key}) was listed, but is no longer there.`,
    'Run again once the files are in place.',
  )
}

interface MaterialiseTask {
  readonly listing: BatchListing
  readonly folder: string
  readonly context: SourceContext
  readonly notices: Notices
}

async function materialise(batch: FileBatch, task: MaterialiseTask): Promise<MaterialisedBatch> {
  const { listing, folder, context, notices } = task
  requireListed(batch, listing)
  const target = path.join(
    folder,
    `${textHash(`${listing.key}\0${listing.contentHash}`).slice(0, 32)}.parquet`,
  )
  const reading: ReadContext = { engine: context.engine, workFolder: folder, notices }
  if (batch.partitions.length > 0) await readPartition(batch, target, reading)
  else {
    const [file] = batch.files
    const read = await readFile(file, target, reading)
    const borrowed = read === file.path && !looksLikeGlob(read)
    if (borrowed) return { listing, path: read, borrowed, rows: await parquetRows(context.engine, read) }
    if (read === file.path) await lend(file.path, target)
  }
  return { listing, path: target, borrowed: false, rows: await parquetRows(context.engine, target) }
}

function requireListed(batch: FileBatch, listing: BatchListing): void {
  const bytes = batch.files.reduce((sum, file) => sum + file.bytes, 0)
  const modifiedMs = Math.max(...batch.files.map((file) => file.modifiedMs))
  if (bytes === listing.bytes && modifiedMs === listing.modifiedMs) return
  throw new FiableError(
    'SOURCE_CHANGED',
    `${listing.uri} changed since batch ${listing.key} was listed: ${listing.bytes} bytes then, ${bytes} bytes now.`,
    'Run again, so that it is listed anew.',
  )
}

/** A name without glob characters for a user's file, since readers would take them for a pattern. */
async function lend(file: string, target: string): Promise<void> {
  const partial = `${target}.partial`
  try {
    await symlink(file, partial)
  } catch (cause) {
    if (systemCode(cause) !== 'EPERM') throw cause
    await link(file, partial).catch(() => copyFile(file, partial))
  }
  await rename(partial, target)
}

async function readPartition(batch: FileBatch, target: string, context: ReadContext): Promise<void> {
  await whileUnchanged(batch.files, async () => {
    const snapshots = batch.files.map((_, i) => `${target}.${i}.parquet`)
    try {
      const parts: RelationPart[] = []
      for (const [i, file] of batch.files.entries())
        parts.push({ parquet: await readFile(file, snapshots[i]!, context), partitions: batch.partitions })
      await writeParquet(context.engine, `FROM ${relationOf(parts)}`, target)
    } finally {
      for (const snapshot of snapshots) await rm(snapshot, { force: true })
    }
  })
}
