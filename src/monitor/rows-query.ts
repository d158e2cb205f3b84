import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { BatchListing } from '../data/batch.ts'
import { FiableError, messageOf } from '../data/errors.ts'
import { quoteName, quoteText } from '../engines/duckdb.ts'
import { type FileFormat, formatOfName } from '../sources/file-format.ts'
import { quotePath } from '../sources/parquet-file.ts'
import type { DatasetDeclaration } from './declaration.ts'

/** A statement that DuckDB runs as it stands, such as in its command line. */
export type RowsQuery = (predicate: string) => string

/**
 * How to select rows of a batch where they come from.
 *
 * Dates that cut a file into batches are compared as DuckDB reads them: day before month is not told apart.
 *
 * @throws FiableError NOT_READABLE when the folder of the data is gone.
 */
export async function rowsQuery(
  declaration: DatasetDeclaration,
  listing: Pick<BatchListing, 'key' | 'uri'>,
): Promise<RowsQuery> {
  const during = duringBatch(declaration, listing)
  if (/^postgres(ql)?:/.test(listing.uri)) return databaseQuery(declaration, listing, during)
  const places = Array.isArray(declaration.data) ? listing.uri.split(', ') : [listing.uri]
  const from = (await Promise.all(places.map(relationAt))).join(' union all by name ')
  const relation = places.length > 1 ? `(${from})` : from.replace(/^from /, '')
  return (predicate) => `select * from ${relation} where ${during}${predicate};`
}

/** How the key of a batch is made of the start of its period. */
const KEYS = { hour: '%Y-%m-%dT%H', day: '%Y-%m-%d', week: '%G-W%V', month: '%Y-%m' } as const

const duringBatch = (
  { by, every = 'day' }: DatasetDeclaration,
  { key }: Pick<BatchListing, 'key'>,
): string =>
  by === undefined
    ? ''
    : `strftime(try_cast(${quoteName(by)} as timestamp), ${quoteText(KEYS[every])}) = ${quoteText(key)} and `

function databaseQuery(
  { table, query }: DatasetDeclaration,
  { uri }: Pick<BatchListing, 'uri'>,
  during: string,
): RowsQuery {
  const address = table ? uri.slice(0, uri.lastIndexOf('/')) : uri
  const attached = `attach ${quoteText(address)} as origin (type postgres, read_only)`
  const relation = table
    ? `origin.${(table.includes('.') ? table : `public.${table}`).split('.').map(quoteName).join('.')}`
    : `postgres_query('origin', ${quoteText(query ?? '')})`
  return (predicate) => `${attached}; select * from ${relation} where ${during}${predicate};`
}

const readers: Readonly<Record<FileFormat, (place: string) => string>> = {
  csv: (place) => `read_csv(${place}, header = true, sample_size = -1)`,
  parquet: (place) => `read_parquet(${place})`,
  json: (place) => `read_json(${place})`,
  ndjson: (place) => `read_json(${place}, format = 'newline_delimited')`,
}

/** `from` and the reader of a file, a glob, or all files of a folder. */
async function relationAt(place: string): Promise<string> {
  const format = formatOfName(place)
  if (format) return `from ${readers[format](existsSync(place) ? quotePath(place) : quoteText(place))}`
  const file = (await filesIn(place)).find((name) => formatOfName(name) !== null)
  if (!file) return `from ${quoteText(place)}`
  const [ending] = ENDING.exec(file)!
  const all = quotePath(place).replace(/'$/, `${path.sep}**${path.sep}*${ending}'`)
  return `from ${readers[formatOfName(file)!](all)}`
}

const ENDING = /\.[a-z]+(\.gz)?$/i

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { recursive: true })).sort()
  } catch (cause) {
    throw new FiableError(
      'NOT_READABLE',
      `${folder} cannot be read any more: ${messageOf(cause)}.`,
      'Put the data back, or explain a batch that is still there.',
      { cause },
    )
  }
}
