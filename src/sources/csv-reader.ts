import path from 'node:path'
import { FiableError, messageOf } from '../data/errors.ts'
import { quoteName, quoteText } from '../engines/duckdb.ts'
import { type CsvHeader, readHeader } from './csv-header.ts'
import { readEnds } from './file-format.ts'
import { textHash } from './file-hash.ts'
import { engineText, quotePath, writeParquet } from './parquet-file.ts'
import { findEncodingBreak, linesOf, transcode, unifyLineEnds, utf16Of } from './plain-text.ts'
import type { ReadTask } from './read-task.ts'
import { cellTypes, GUARD, guarded, narrowestTypes, type TextType } from './text-types.ts'

const HEADER_BYTES = 1 << 20
/** Longest record, in bytes; the engine drops a last record longer than its buffer without a word, so both are ample. */
const MAX_RECORD_BYTES = 16 << 20

/**
 * Brings a CSV file into Parquet.
 *
 * Commas, semicolons, tabs or bars between cells; `"` around cells, doubled within; the first line names the columns.
 * UTF-8; UTF-16 by its mark or zero bytes, else windows-1252 (a superset of Latin-1) where the bytes are no UTF-8, with
 * a notice. A column gets the narrowest type that every value of the file is read as without loss (see `cellTypes`).
 *
 * @throws FiableError MALFORMED_FILE naming the line, DISK_FULL.
 */
export async function readCsv(task: ReadTask): Promise<void> {
  const { head } = await readEnds(task.plain, Number.MAX_SAFE_INTEGER, HEADER_BYTES)
  const encoding = utf16Of(head.subarray(0, 4096))
  if (encoding) {
    task.notices.add(`${task.file.path} is read as ${encoding.toUpperCase()}.`)
    return readUtf8(await copied(task, 'utf8', (to) => transcode(task.plain, to, encoding)))
  }
  return isUtf8(head) ? readUtf8(task) : readLatin(task, null)
}

/** Whether a start of a text, which may end within a character, is UTF-8. */
function isUtf8(head: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch (cause) {
    if (cause instanceof TypeError) return false
    throw cause
  }
}

async function copied(task: ReadTask, name: string, write: (to: string) => Promise<void>): Promise<ReadTask> {
  const plain = path.join(task.scratch, name)
  await write(plain)
  return { ...task, plain }
}

async function readUtf8(task: ReadTask): Promise<void> {
  try {
    await readTyped(task)
  } catch (thrown) {
    const text = engineText(thrown)
    if (/invalid unicode|not utf-8|utf-?8/i.test(text)) return readLatin(task, thrown)
    if (/state machine reached an invalid state/i.test(text)) return readMixedLineEnds(task, thrown)
    throw await csvError(task, thrown)
  }
}

async function readLatin(task: ReadTask, thrown: unknown): Promise<void> {
  const found = await findEncodingBreak(task.plain)
  if (!found) throw await csvError(task, thrown)
  if (found.utf8Line !== null)
    throw new FiableError(
      'MALFORMED_FILE',
      `${task.file.path} mixes encodings: line ${found.utf8Line} has UTF-8 characters, line ${found.line} bytes that are not UTF-8: ${JSON.stringify(found.excerpt)}.`,
      'Write the whole file as UTF-8.',
      { cause: thrown },
    )
  const copy = await copied(task, 'utf8', (to) => transcode(task.plain, to, 'windows-1252'))
  await readUtf8(copy)
  task.notices.add(
    `${task.file.path} is no UTF-8 (line ${found.line}: ${JSON.stringify(found.excerpt)}); it is read as windows-1252 (Latin-1).`,
  )
}

const LINE_ENDS_UNIFIED = 'unified'

async function readMixedLineEnds(task: ReadTask, thrown: unknown): Promise<void> {
  if (path.basename(task.plain) === LINE_ENDS_UNIFIED) throw await csvError(task, thrown)
  const copy = await copied(task, LINE_ENDS_UNIFIED, (to) => unifyLineEnds(task.plain, to))
  await readUtf8(copy)
  task.notices.add(`${task.file.path} mixes line ends (\\r\\n and \\n); each is read as one line end.`)
}

async function headerOf(task: ReadTask): Promise<CsvHeader> {
  const { head } = await readEnds(task.plain, Number.MAX_SAFE_INTEGER, HEADER_BYTES)
  return readHeader(task.file.path, new TextDecoder('utf-8').decode(head, { stream: true }), task.notices)
}

const cell = (i: number): string => `c${i}`

function relationOf(task: ReadTask, header: CsvHeader): string {
  const columns = header.columns.map((_, i) => `'${cell(i)}': 'VARCHAR'`).join(', ')
  return `read_csv(${quotePath(task.plain)}, auto_detect=false, header=true, strict_mode=true, compression='none',
    delim=${quoteText(header.delimiter)}, quote='"', escape='"', columns={${columns}},
    max_line_size=${MAX_RECORD_BYTES}, buffer_size=${2 * MAX_RECORD_BYTES})`
}

const sampleRows = (columns: number): number => Math.min(5_000, Math.max(200, Math.ceil(500_000 / columns)))

/** Types come from a sample; a guard in the one full read notices when the rest of the file disagrees. */
async function readTyped(task: ReadTask): Promise<void> {
  const header = await headerOf(task)
  const relation = relationOf(task, header)
  const guess = await sampleTypes(task, header, relation)
  try {
    await writeParquet(task.engine, selectOf(header, guess, relation), task.target)
  } catch (thrown) {
    if (!engineText(thrown).includes(GUARD)) throw thrown
    const types = await widened(task, { header, relation, guess })
    await writeParquet(task.engine, selectOf(header, types, relation), task.target)
  }
}

async function sampleTypes(
  task: ReadTask,
  header: CsvHeader,
  relation: string,
): Promise<readonly TextType[]> {
  const limit = sampleRows(header.columns.length)
  const cells = header.columns.map((_, i) => cell(i))
  const table = `fiable_sample_${textHash(task.target).slice(0, 16)}`
  await task.engine.run(`CREATE OR REPLACE TEMP TABLE ${table} AS FROM ${relation} LIMIT ${limit}`)
  try {
    return await narrowestTypes(task.engine, { relation: table, columns: cells }, cellTypes(header.delimiter))
  } finally {
    await task.engine.run(`DROP TABLE ${table}`)
  }
}

const selectOf = (header: CsvHeader, types: readonly TextType[], relation: string): string =>
  `SELECT ${header.columns.map((name, i) => `${guarded(types[i]!, cell(i))} AS ${quoteName(name)}`).join(', ')} FROM ${relation}`

interface Guess {
  readonly header: CsvHeader
  readonly relation: string
  readonly guess: readonly TextType[]
}

/** The types of the whole file, where those of the sample do not hold for it. */
async function widened(task: ReadTask, { header, relation, guess }: Guess): Promise<readonly TextType[]> {
  const columns = guess.map((_, i) => cell(i))
  const types = await narrowestTypes(task.engine, { relation, columns }, cellTypes(header.delimiter), guess)
  for (const [i, type] of types.entries())
    if (type.name === 'VARCHAR' && guess[i]!.name !== 'VARCHAR' && guess[i]!.name !== 'NULL')
      await noteText(task, { header, relation, guess }, i)
  return types
}

async function noteText(task: ReadTask, { header, relation, guess }: Guess, i: number): Promise<void> {
  const refused = `${cell(i)} IS NOT NULL AND NOT ${guess[i]!.accepts(cell(i))}`
  const [row] = await task.engine.query(
    `SELECT count(*) AS n, first(${cell(i)}) AS value FROM ${relation} WHERE ${refused}`,
  )
  const value = JSON.stringify(String(row!.value).slice(0, 80))
  task.notices.add(
    `${task.file.path}: column ${JSON.stringify(header.columns[i])} is kept as text: ${row!.n} values such as ${value} cannot be read as ${guess[i]!.name} without loss.`,
  )
}

const RAGGED = /Expected Number of Columns: (\d+) Found: (\d+)/
const LONG = /Maximum line size/i

/** DuckDB's complaint about a CSV file in the user's words; other errors as they are. */
async function csvError(task: ReadTask, thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof FiableError) || thrown.code !== 'ENGINE_FAILED') return thrown
  const text = messageOf(thrown.cause)
  const record = Number(/on Line: (\d+)/i.exec(text)?.[1] ?? 0)
  const { line, excerpt } = record > 0 ? await findRecord(task.plain, record) : { line: 0, excerpt: '' }
  const place = line > 0 ? `${task.file.path}, line ${line}` : task.file.path
  const { what, fix } = complaint(text, JSON.stringify(excerpt))
  return new FiableError('MALFORMED_FILE', `${place} ${what}`, fix, { cause: thrown })
}

/** DuckDB counts records, which differ from lines after a line end within quotes. */
async function findRecord(
  file: string,
  record: number,
): Promise<{ readonly line: number; readonly excerpt: string }> {
  let line = 0
  let records = 0
  let quoted = false
  for await (const bytes of linesOf(file)) {
    line++
    if (!quoted && ++records === record) return { line, excerpt: bytes.toString('utf8', 0, 120).trimEnd() }
    for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) quoted = !quoted
  }
  return { line: record, excerpt: '' }
}

const QUOTE = 0x22

function complaint(text: string, seen: string): { readonly what: string; readonly fix: string } {
  const ragged = RAGGED.exec(text)
  if (ragged)
    return {
      what: `has ${ragged[2]} cells where the header has ${ragged[1]}: ${seen}.`,
      fix: 'Give every line as many cells as the header; put cells that hold the delimiter in double quotes.',
    }
  if (/unterminated quote/i.test(text))
    return {
      what: `has a quote that is not closed, or text after a closing quote: ${seen}.`,
      fix: 'Close the quote; write a double quote within a quoted cell as two double quotes.',
    }
  if (LONG.test(text))
    return {
      what: `is longer than the ${MAX_RECORD_BYTES >> 20} MB a record may have; a quote may be left open.`,
      fix: 'Close open quotes, or shorten the cells.',
    }
  return {
    what: `is no regular CSV: ${text.split('\n')[0]}`,
    fix: 'Write the file again as CSV (RFC 4180) in UTF-8.',
  }
}
