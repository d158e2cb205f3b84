import { FiableError } from '../data/errors.ts'
import { type Engine, quoteName, quoteText } from '../engines/duckdb.ts'
import { nearNames } from './near-names.ts'

/** A column as DuckDB describes it. */
export interface DescribedColumn {
  readonly name: string
  readonly type: string
}

/** The relation a date column is looked for in. */
export interface DateSearch {
  readonly engine: Engine
  /** SQL of the relation. */
  readonly relation: string
  readonly columns: readonly DescribedColumn[]
  readonly timeZone: string
  /** What the relation is, for messages. */
  readonly where: string
}

/** Texts that are a date must be at least this share of the non-null ones. */
const MIN_PARSED = 0.99

const isTime = (type: string): boolean => /^(DATE$|TIMESTAMP)/.test(type)
const isText = (type: string): boolean =>
  type === 'VARCHAR' || /^(BIGINT|INTEGER|U?BIGINT|UINTEGER)$/.test(type)

interface Reading {
  readonly name: string
  readonly sql: (text: string) => string
}

const clocks = ['', ' %H:%M', ' %H:%M:%S', ' %H:%M:%S.%f']
const strptime = (text: string, day: string): string =>
  `try_strptime(${text}, [${clocks.map((clock) => quoteText(day + clock)).join(', ')}])`
const slashed = (text: string): string => `regexp_replace(trim(${text}), '[-.](\\d\\d?)[-.]', '/\\1/')`

/** Ways to read a text as a wall-clock time. An offset (`Z`, `+02:00`) is honoured, else the zone's clock is meant. */
const readings = (timeZone: string): readonly Reading[] => [
  {
    name: 'ISO 8601',
    sql: (text) =>
      `CASE WHEN regexp_matches(${text}, ':\\d\\d(\\.\\d+)? ?(Z|[-+]\\d\\d(:?\\d\\d)?)$')
       THEN timezone(${quoteText(timeZone)}, try_cast(${text} AS TIMESTAMPTZ))
       ELSE try_cast(${text} AS TIMESTAMP) END`,
  },
  { name: 'YYYYMMDD', sql: (text) => `try_strptime(${text}, '%Y%m%d')` },
  { name: 'day/month/year', sql: (text) => strptime(slashed(text), '%d/%m/%Y') },
  { name: 'month/day/year', sql: (text) => strptime(slashed(text), '%m/%d/%Y') },
]

/**
 * SQL of the wall-clock TIMESTAMP that a column shows in the zone; null where there is no (finite) date.
 *
 * TIMESTAMP WITH TIME ZONE is converted to the zone; DATE and TIMESTAMP are what its clock shows already. Texts and
 * whole numbers are read as the one format that fits at least 99 % of them.
 *
 * @throws FiableError UNKNOWN_COLUMN when there is no such column; NO_DATE_COLUMN when it holds no dates, or texts whose
 * day and month could be swapped.
 */
export async function dateExpression(by: string, search: DateSearch): Promise<string> {
  const column = await findColumn(by, search)
  const name = quoteName(column.name)
  if (isTime(column.type)) return finite(wallClockOf(column, search.timeZone))
  const text = `CAST(${name} AS VARCHAR)`
  if (!isText(column.type)) throw await noDates(column, search, `is of type ${column.type}`)
  return finite((await readingOf(column, text, search)).sql(text))
}

function wallClockOf({ name, type }: DescribedColumn, timeZone: string): string {
  if (type === 'TIMESTAMP WITH TIME ZONE') return `timezone(${quoteText(timeZone)}, ${quoteName(name)})`
  return `CAST(${quoteName(name)} AS TIMESTAMP)`
}

const finite = (time: string): string => `CASE WHEN isfinite(${time}) THEN ${time} END`

async function findColumn(by: string, search: DateSearch): Promise<DescribedColumn> {
  const found =
    search.columns.find(({ name }) => name === by) ??
    search.columns.find(({ name }) => name.toLowerCase() === by.toLowerCase())
  if (found) return found
  const names = search.columns.map(({ name }) => name)
  const near = nearNames(by, names)
  const meant = near.length > 0 ? ` Near: ${near.join(', ')}.` : ''
  throw new FiableError(
    'UNKNOWN_COLUMN',
    `by is '${by}', but ${search.where} has no such column.${meant}`,
    `Set by to a column of dates: ${await usable(search)}.`,
  )
}

async function readingOf(column: DescribedColumn, text: string, search: DateSearch): Promise<Reading> {
  const ways = readings(search.timeZone)
  const counts = ways.map(({ sql }, i) => `count(${sql(text)}) AS "${i}"`).join(', ')
  const [row] = await search.engine.query(
    `SELECT count(${text}) AS present, ${counts} FROM ${search.relation}`,
  )
  const present = Number(row!.present)
  const parsed = ways.map((_, i) => Number(row![i]))
  const best = parsed.indexOf(Math.max(...parsed))
  if (present === 0) throw await noDates(column, search, 'is null in every row')
  if (parsed[best]! < MIN_PARSED * present)
    throw await noDates(
      column,
      search,
      await offending(text, ways[best]!, { search, present, read: parsed[best]! }),
    )
  if (best === 2 && parsed[3] === parsed[2]) throw await noDates(column, search, AMBIGUOUS)
  return ways[best]!
}

const AMBIGUOUS = 'holds dates such as 05/03/2024 whose day and month could be swapped'

async function offending(
  text: string,
  { sql, name }: Reading,
  { search, present, read }: { readonly search: DateSearch; readonly present: number; readonly read: number },
): Promise<string> {
  const rows = await search.engine.query(
    `SELECT DISTINCT ${text} AS value FROM ${search.relation} WHERE ${text} IS NOT NULL AND ${sql(text)} IS NULL LIMIT 3`,
  )
  const values = rows.map((row) => `'${String(row.value).slice(0, 60)}'`).join(', ')
  const percent = Math.floor((1000 * read) / present) / 10
  return `holds values such as ${values}: ${percent} % of its ${present} values are dates (read as ${name}), and 99 % are needed`
}

async function noDates(column: DescribedColumn, search: DateSearch, why: string): Promise<FiableError> {
  return new FiableError(
    'NO_DATE_COLUMN',
    `Column '${column.name}' of ${search.where} cannot cut batches: it ${why}.`,
    `Set by to a column of dates: ${await usable(search, column.name)}; or write the dates year first (2024-03-05).`,
  )
}

const SAMPLE = 2000

/** Names of the columns that hold dates, for messages; texts are judged by their first 2000 rows. */
async function usable(search: DateSearch, except?: string): Promise<string> {
  const others = search.columns.filter(({ name }) => name !== except)
  const times = others.filter(({ type }) => isTime(type)).map(({ name }) => name)
  const texts = others.filter(({ type }) => type === 'VARCHAR').slice(0, 200)
  const dated = texts.length > 0 ? await datedTexts(texts, search) : []
  const names = [...times, ...dated]
  return names.length > 0 ? names.slice(0, 10).join(', ') : 'there is none here'
}

async function datedTexts(texts: readonly DescribedColumn[], search: DateSearch): Promise<readonly string[]> {
  const [iso] = readings(search.timeZone)
  const asked = texts.map(({ name }, i) => {
    const column = quoteName(name)
    return `count(${iso!.sql(column)}) >= ${MIN_PARSED} * count(${column}) AND count(${column}) > 0 AS "${i}"`
  })
  const [row] = await search.engine.query(
    `SELECT ${asked.join(', ')} FROM (FROM ${search.relation} LIMIT ${SAMPLE})`,
  )
  return texts.filter((_, i) => row![i] === true).map(({ name }) => name)
}
