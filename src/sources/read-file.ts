import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Engine } from '../engines/duckdb.ts'
import { readCsv } from './csv-reader.ts'
import { checkContent } from './file-format.ts'
import { fileError, whileUnchanged } from './file-stamp.ts'
import type { DataFile } from './find-files.ts'
import { readJson } from './json-reader.ts'
import type { Notices } from './notices.ts'
import { parquetRows } from './parquet-file.ts'
import { unpack } from './plain-text.ts'

/** What reading a file needs besides the file. */
export interface ReadContext {
  readonly engine: Engine
  /** Existing folder; what is put there while reading is removed again. */
  readonly workFolder: string
  readonly notices: Notices
}

/**
 * The rows of a file as Parquet: the user's own file when it is Parquet, else a snapshot written to `target`.
 *
 * @returns Path of the Parquet file.
 * @throws FiableError EMPTY_SOURCE, UNSUPPORTED_FORMAT, MALFORMED_FILE, SOURCE_CHANGED, NOT_READABLE, DISK_FULL.
 */
export function readFile(file: DataFile, target: string, context: ReadContext): Promise<string> {
  return whileUnchanged([file], async () => {
    const { gzipped } = await checkContent(file)
    if (file.format !== 'parquet') return snapshot(file, target, { ...context, gzipped })
    await parquetRows(context.engine, file.path)
    return file.path
  })
}

async function snapshot(
  file: DataFile,
  target: string,
  context: ReadContext & { readonly gzipped: boolean },
): Promise<string> {
  const scratch = await scratchFolder(context.workFolder)
  try {
    const plain = context.gzipped ? path.join(scratch, 'plain') : file.path
    if (context.gzipped) await unpack(file.path, plain)
    const read = file.format === 'csv' ? readCsv : readJson
    await read({ engine: context.engine, file, plain, scratch, target, notices: context.notices })
    return target
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function scratchFolder(workFolder: string): Promise<string> {
  try {
    return await mkdtemp(path.join(workFolder, 'read-'))
  } catch (cause) {
    throw fileError(workFolder, cause)
  }
}
