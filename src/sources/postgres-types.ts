import { quoteName } from '../engines/duckdb.ts'

/** A column of a PostgreSQL result. */
export interface PostgresColumn {
  readonly name: string
  readonly typeId: number
  /** Type modifier: of numeric(p, s), ((p << 16) | s) + 4; -1 when absent. */
  readonly modifier: number
}

/** DuckDB types by PostgreSQL type id (pg_type.dat); all others, arrays and json among them, are kept as text. */
const types: ReadonlyMap<number, string> = new Map([
  [16, 'BOOLEAN'],
  [20, 'BIGINT'],
  [21, 'SMALLINT'],
  [23, 'INTEGER'],
  [26, 'BIGINT'],
  [700, 'FLOAT'],
  [701, 'DOUBLE'],
  [1082, 'DATE'],
  [1083, 'TIME'],
  [1114, 'TIMESTAMP'],
  [1184, 'TIMESTAMP WITH TIME ZONE'],
  [2950, 'UUID'],
])

const NUMERIC = 1700

/** numeric(p, s) is DECIMAL(p, s) up to 38 digits; numeric without precision, or wider, is DOUBLE. */
function numericType(modifier: number): string {
  if (modifier < 4) return 'DOUBLE'
  const precision = (modifier - 4) >> 16
  const scale = (modifier - 4) & 0x7ff
  return precision <= 38 && scale <= precision ? `DECIMAL(${precision},${scale})` : 'DOUBLE'
}

/** The DuckDB type a PostgreSQL column is kept as. */
export const duckdbType = (column: PostgresColumn): string =>
  column.typeId === NUMERIC ? numericType(column.modifier) : (types.get(column.typeId) ?? 'VARCHAR')

const isTime = (type: string): boolean => /^(DATE|TIMESTAMP)/.test(type)

/** SQL that reads PostgreSQL's text of a value, which arrived in a text column `c0`, `c1`, …. */
export function readText(column: PostgresColumn, i: number, type: string): string {
  // PostgreSQL writes `0044-03-15 BC`, DuckDB reads `0044-03-15 (BC)`.
  const text = isTime(type) ? `replace(c${i}, ' BC', ' (BC)')` : `c${i}`
  return `CAST(${text} AS ${type}) AS ${quoteName(column.name)}`
}
