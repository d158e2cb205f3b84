import { open } from 'node:fs/promises'
import { FiableError } from '../data/errors.ts'
import { type FileStamp, fileError } from './file-stamp.ts'

/** How the rows of a file are written, as its name says. */
export type FileFormat = 'csv' | 'parquet' | 'json' | 'ndjson'

const endings: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.(csv|tsv|tab|txt)(\.gz)?$/i, 'csv'],
  [/\.(parquet|pq|parq)$/i, 'parquet'],
  [/\.json(\.gz)?$/i, 'json'],
  [/\.(ndjson|jsonl)(\.gz)?$/i, 'ndjson'],
]

/** What the endings of file names may be, for messages. */
export const KNOWN_ENDINGS = '.csv, .tsv, .txt, .json, .ndjson, .jsonl (each also with .gz) or .parquet'

/** The format a file's name ends in; null when it is none that can be read. */
export const formatOfName = (name: string): FileFormat | null =>
  endings.find(([ending]) => ending.test(name))?.[1] ?? null

/** First bytes of files that are neither text nor Parquet, whatever their name says. */
const foreign: readonly (readonly [string, string])[] = [
  ['89504e47', 'a PNG image'],
  ['ffd8ff', 'a JPEG image'],
  ['47494638', 'a GIF image'],
  ['25504446', 'a PDF document'],
  ['504b0304', 'a ZIP archive or an Excel workbook'],
  ['d0cf11e0', 'an old Excel workbook'],
  ['53514c69746520', 'an SQLite database'],
  ['28b52ffd', 'a Zstandard archive'],
  ['425a68', 'a bzip2 archive'],
  ['fd377a585a', 'an xz archive'],
  ['4f7262', 'an Avro or ORC file'],
  ['4f5243', 'an ORC file'],
  ['4152524f5731', 'an Arrow file'],
]
const PARQUET = '50415231'
const GZIP = '1f8b'

/** The ends of a file as far as its format shows there. */
export interface FileEnds {
  readonly head: Buffer
  readonly tail: Buffer
}

/**
 * The first `length` bytes and the last four of a file.
 *
 * @throws FiableError NOT_READABLE, SOURCE_CHANGED.
 */
export async function readEnds(file: string, bytes: number, length = 4096): Promise<FileEnds> {
  try {
    await using handle = await open(file)
    const read = async (from: number, count: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, from)
      return buffer.subarray(0, bytesRead)
    }
    return { head: await read(0, Math.min(length, bytes)), tail: await read(Math.max(0, bytes - 4), 4) }
  } catch (cause) {
    throw fileError(file, cause)
  }
}

const startsWith = (bytes: Buffer, hex: string): boolean => bytes.toString('hex', 0, hex.length / 2) === hex

/**
 * Whether the content is gzip, once it is known not to contradict the file's name.
 *
 * @throws FiableError EMPTY_SOURCE for a file of 0 bytes, UNSUPPORTED_FORMAT for content of another kind, MALFORMED_FILE
 * for a Parquet file that is cut short or none.
 */
export async function checkContent(
  file: FileStamp & { readonly path: string; readonly format: FileFormat },
): Promise<{ readonly gzipped: boolean }> {
  if (file.bytes === 0) throw emptyFile(file.path)
  const { head, tail } = await readEnds(file.path, file.bytes)
  if (file.format === 'parquet') requireParquet(file.path, head, tail)
  else requireText(file.path, file.format, head)
  const gzipped = startsWith(head, GZIP)
  if (/\.gz$/i.test(file.path) && !gzipped)
    throw new FiableError(
      'MALFORMED_FILE',
      `${file.path} is named .gz, but starts with ${shown(head)}, not with the gzip mark 1f 8b.`,
      'Compress it again, or rename it without .gz if it is plain.',
    )
  return { gzipped }
}

const emptyFile = (path: string): FiableError =>
  new FiableError(
    'EMPTY_SOURCE',
    `${path} has 0 bytes: not even a header, so its columns are unknown.`,
    'Deliver the file again; a batch without rows needs its header line (or Parquet schema).',
  )

function requireText(path: string, format: FileFormat, head: Buffer): void {
  const kind = startsWith(head, PARQUET)
    ? 'a Parquet file'
    : foreign.find(([mark]) => startsWith(head, mark))?.[1]
  if (!kind) return
  throw new FiableError(
    'UNSUPPORTED_FORMAT',
    `${path} is named as ${format}, but its first bytes ${shown(head)} are those of ${kind}.`,
    `Export the table as text or Parquet, and name it by its format: ${KNOWN_ENDINGS}.`,
  )
}

function requireParquet(path: string, head: Buffer, tail: Buffer): void {
  if (!startsWith(head, PARQUET))
    throw new FiableError(
      'MALFORMED_FILE',
      `${path} is named as Parquet, but starts with ${shown(head)} where a Parquet file has 'PAR1'.`,
      'Write it again as Parquet, or rename it by what it is, such as .csv.',
    )
  if (!startsWith(tail, PARQUET))
    throw new FiableError(
      'MALFORMED_FILE',
      `${path} is cut short: it ends with ${shown(tail)} where a complete Parquet file has 'PAR1'.`,
      'Write or copy the file again; write to another name and rename when complete.',
    )
}

/** The first bytes as text when they are, else as hex. */
function shown(bytes: Buffer): string {
  const start = bytes.subarray(0, 8)
  const text = start.toString('latin1')
  return /^[\x20-\x7e\r\n\t]*$/.test(text)
    ? JSON.stringify(text)
    : start.toString('hex').replace(/../g, '$& ').trim()
}
