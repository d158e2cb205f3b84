import { FiableError } from '../data/errors.ts'
import { quoteName, quoteText } from '../engines/duckdb.ts'
import { readEnds } from './file-format.ts'
import { engineText, quotePath, writeParquet } from './parquet-file.ts'
import { linesOf } from './plain-text.ts'
import type { ReadTask } from './read-task.ts'
import { narrowestTypes, numberTypes, stringTypes, type TextType } from './text-types.ts'

interface JsonColumn {
  readonly name: string
  readonly type: string
}

/**
 * Brings a JSON file into Parquet: an array of objects, one object per line, or objects one after the other.
 *
 * The types are those of all records; strings are times only when every one is ISO 8601. A key whose records disagree
 * is kept as JSON text. Nested objects and lists stay nested.
 *
 * @throws FiableError MALFORMED_FILE naming line or byte, EMPTY_SOURCE when there is no record, DISK_FULL.
 */
export async function readJson(task: ReadTask): Promise<void> {
  await requireRecords(task)
  try {
    const columns = await describe(task, 20_480)
    await write(task, columns)
  } catch (thrown) {
    if (!(thrown instanceof FiableError) || thrown.code !== 'ENGINE_FAILED') throw thrown
    if (!/transform error|cast|convert/i.test(engineText(thrown))) throw await jsonError(task, thrown)
    await readAgain(task)
  }
}

/** Types from every record, after those of the first ones did not hold. */
async function readAgain(task: ReadTask): Promise<void> {
  try {
    const columns = await describe(task, -1)
    await write(task, columns)
    task.notices.add(
      `${task.file.path}: later records differ in type from the first; types are those of all records.`,
    )
  } catch (thrown) {
    throw await jsonError(task, thrown)
  }
}

const readerOf = (task: ReadTask, options: string): string =>
  `read_json(${quotePath(task.plain)}, format=${quoteText(task.file.format === 'ndjson' ? 'newline_delimited' : 'auto')},
    compression='uncompressed', maximum_object_size=67108864, ${options})`

async function describe(task: ReadTask, sampleSize: number): Promise<readonly JsonColumn[]> {
  const reader = readerOf(task, `records=true, sample_size=${sampleSize}`)
  const rows = await task.engine.query(`DESCRIBE FROM ${reader}`)
  return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
}

/** DuckDB guesses times also where day and month could be swapped: they are read as text, then by our own rule. */
const TIMES = /^(DATE|TIME|TIMESTAMP.*)$/
/** DuckDB takes whole numbers beyond 64 bits for DOUBLE: they are read as text, and stay exact when all are whole. */
const NUMBERS = /^(DOUBLE|U?HUGEINT)$/

async function write(task: ReadTask, columns: readonly JsonColumn[]): Promise<void> {
  if (columns.length === 0) throw noRecords(task)
  const declared = columns.map(({ name, type }) => {
    const asText = TIMES.test(type) || NUMBERS.test(type)
    return `${quoteText(name)}: ${quoteText(asText ? 'VARCHAR' : type)}`
  })
  const relation = readerOf(task, `columns={${declared.join(', ')}}`)
  const types = new Map([
    ...(await typesOf(task, relation, { columns, guessed: TIMES, types: stringTypes })),
    ...(await typesOf(task, relation, { columns, guessed: NUMBERS, types: numberTypes })),
  ])
  const select = columns.map(({ name }) => {
    const column = quoteName(name)
    return `${types.get(name)?.read(column) ?? column} AS ${column}`
  })
  await writeParquet(task.engine, `SELECT ${select.join(', ')} FROM ${relation}`, task.target)
}

interface Guess {
  readonly columns: readonly JsonColumn[]
  readonly guessed: RegExp
  readonly types: readonly TextType[]
}

async function typesOf(
  task: ReadTask,
  relation: string,
  { columns, guessed, types }: Guess,
): Promise<readonly (readonly [string, TextType])[]> {
  const names = columns.filter(({ type }) => guessed.test(type)).map(({ name }) => name)
  const found = await narrowestTypes(task.engine, { relation, columns: names.map(quoteName) }, types)
  for (const [i, name] of names.entries())
    if (found[i]!.name === 'VARCHAR')
      task.notices.add(
        `${task.file.path}: column ${JSON.stringify(name)} is kept as text: not all of its values are ${guessed === TIMES ? 'ISO 8601 times' : 'numbers'}.`,
      )
  return names.map((name, i) => [name, found[i]!])
}

/** Refuses values that are no objects, and files without any. */
async function requireRecords(task: ReadTask): Promise<void> {
  const { head } = await readEnds(task.plain, Number.MAX_SAFE_INTEGER)
  const start = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (start === '' || /^\[\s*\]\s*$/.test(start)) throw noRecords(task)
  if (/^\{|^\[\s*\{/.test(start)) return
  throw new FiableError(
    'MALFORMED_FILE',
    `${task.file.path} starts with ${JSON.stringify(start.slice(0, 40))}, but must hold objects: {"column": value, …}.`,
    'Write one object per line, or an array of objects.',
  )
}

const noRecords = (task: ReadTask): FiableError =>
  new FiableError(
    'EMPTY_SOURCE',
    `${task.file.path} holds no record, so its columns are unknown.`,
    'Deliver the file again with at least one object that names the columns.',
  )

async function jsonError(task: ReadTask, thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof FiableError) || thrown.code !== 'ENGINE_FAILED') return thrown
  const broken = task.file.format === 'ndjson' ? await firstBrokenLine(task.plain) : null
  const place = broken ? `${task.file.path}, line ${broken.line}` : task.file.path
  const what = broken
    ? `is not one whole JSON value: ${JSON.stringify(broken.excerpt)} (${broken.reason})`
    : `cannot be read as JSON: ${withoutPath(engineText(thrown), task.plain)}`
  return new FiableError(
    'MALFORMED_FILE',
    `${place} ${what}.`,
    'Write valid JSON in UTF-8 with distinct keys.',
    {
      cause: thrown,
    },
  )
}

const withoutPath = (text: string, file: string): string =>
  text.replace(` in file "${file}"`, '').replace(/\.$/, '')

/** DuckDB counts lines of NDJSON from where a thread began: the line is looked up anew. */
async function firstBrokenLine(
  file: string,
): Promise<{ readonly line: number; readonly excerpt: string; readonly reason: string } | null> {
  let line = 0
  for await (const bytes of linesOf(file)) {
    line++
    const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
    if (text.trim() === '') continue
    try {
      JSON.parse(text)
    } catch (cause) {
      return { line, excerpt: text.slice(0, 80), reason: cause instanceof Error ? cause.message : 'no JSON' }
    }
  }
  return null
}
