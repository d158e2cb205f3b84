import type { Column } from '../data/column.ts'
import { storageOf } from '../data/column.ts'
import { type Engine, quoteName } from '../engines/duckdb.ts'

/** How one column of a file is read. */
export interface Reading {
  /** As it is profiled: as expected when the found type is of another storage class. */
  readonly column: Column
  /** The column in the file, quoted. */
  readonly source: string
  /** SQL of what equal values are grouped by. */
  readonly key: string
  /** SQL from a key to a DOUBLE or a VARCHAR. */
  readonly value: (key: string) => string
  /** Whether values may fail to be read as expected. */
  readonly coerced: boolean
}

/** The columns of a Parquet file, given as a quoted path, as the engine names and types them. */
export async function columnsOf(engine: Engine, file: string): Promise<Column[]> {
  const rows = await engine.query(`describe select * from read_parquet(${file})`)
  return rows.map((row) => {
    const type = String(row.column_type)
    return { name: String(row.column_name), type, storage: storageOf(type) }
  })
}

/** The engine's number of a row in its file, from 0, which a column of the same name hides. */
const ROW_NUMBER = 'file_row_number'

/**
 * SQL of the rows of a Parquet file, given as a quoted path, with their numbers from 0 as `fiable_row`.
 *
 * Rows are found by their numbers without reading the others, but in a file that has a column of the engine's name.
 */
export const numberedRows = (file: string, columns: Iterable<string>): string =>
  [...columns].some((name) => name.toLowerCase() === ROW_NUMBER)
    ? `(select *, row_number() over () - 1 as fiable_row from read_parquet(${file}))`
    : `(select *, ${ROW_NUMBER} as fiable_row from read_parquet(${file}))`

/** Decides how each found column is read, given what history expects. */
export function readingsOf(found: readonly Column[], expected: readonly Column[] = []): Reading[] {
  const known = new Map(expected.map((column) => [column.name, column]))
  return found.map((column) => {
    const wanted = known.get(column.name)
    return wanted && wanted.storage !== column.storage ? coercedReading(column, wanted) : plainReading(column)
  })
}

function plainReading(column: Column): Reading {
  const source = quoteName(column.name)
  return { column, source, key: keySql(column, source), value: valueSql(column), coerced: false }
}

function coercedReading(found: Column, wanted: Column): Reading {
  const source = quoteName(found.name)
  const cast = `try_cast(${textSql(found, source)} as ${wanted.type})`
  return { column: wanted, source, key: keySql(wanted, cast), value: valueSql(wanted), coerced: true }
}

/**
 * What values are grouped by: the value itself, but its text where the engine calls values equal that read differently
 * (1 month and 30 days, 12:00+02 and 10:00+00).
 */
function keySql(column: Column, value: string): string {
  if (column.storage === 'nested') return textSql(column, value)
  return column.type === 'TIME WITH TIME ZONE' ? `${value}::time` : value
}

const STRUCTURED = /^(STRUCT|MAP)|\]$/

const textSql = (column: Column, value: string): string =>
  STRUCTURED.test(column.type) ? `to_json(${value})::varchar` : `${value}::varchar`

function valueSql(column: Column): (key: string) => string {
  if (column.storage === 'time') return (key) => millisecondsSql(column.type, key)
  if (column.storage === 'number') return (key) => `${key}::double`
  if (column.storage === 'boolean') return (key) => `${key}::int::double`
  return (key) => `${key}::varchar`
}

/** Epoch milliseconds of an instant, milliseconds of the day of a time; infinite ones become infinite. */
function millisecondsSql(type: string, key: string): string {
  const finite = type === 'TIMESTAMP_NS' ? `epoch_ns(${key}) / 1e6` : `epoch_us(${key}) / 1e3`
  if (type.startsWith('TIME') && !type.startsWith('TIMESTAMP')) return finite
  const infinite = `case when isinf(${key}) then if(${key} > '2000-01-01', 'inf', '-inf')::double end`
  return `coalesce(${finite}, ${infinite})`
}

/** Whether the values of a column are texts to a profile; numbers else. */
export const isText = ({ storage }: Column): boolean => storage === 'string' || storage === 'nested'

/** Types whose values a double cannot always hold. */
export const isWide = (column: Column): boolean =>
  column.storage === 'number' && /^(U?(BIG|HUGE)INT|BIGNUM|DECIMAL\((1[6-9]|2\d|3\d))/.test(column.type)

/** Columns per hash: more are hashed in groups, which are combined. */
export const HASH_GROUP = 64

/** SQL of the row hash, one 64-bit hash per group of columns in the order of their names. */
export function rowHashSql(found: readonly Column[]): string[] {
  const names = found.map((column) => column.name).sort((a, b) => (a < b ? -1 : 1))
  const groups = Math.ceil(names.length / HASH_GROUP)
  return Array.from({ length: groups }, (_, g) => {
    const group = names.slice(g * HASH_GROUP, (g + 1) * HASH_GROUP)
    return `hash(${group.map(quoteName).join(', ')})`
  })
}
