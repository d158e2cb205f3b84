/** How a value is held: decides which statistics exist for it. */
export type Storage = 'number' | 'string' | 'boolean' | 'time' | 'nested'

/** What a column is to a person; inferred from its reference profile, never from one batch alone. */
export type ColumnKind = 'numeric' | 'categorical' | 'text' | 'time' | 'boolean' | 'identifier' | 'nested'

/** One column as the data engine names and types it. */
export interface Column {
  readonly name: string
  /** DuckDB type name, such as `BIGINT` or `VARCHAR`. */
  readonly type: string
  readonly storage: Storage
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|REAL|DECIMAL.*|BIGNUM)$/
const TIME = /^(DATE|TIME|TIMESTAMP.*|TIME WITH TIME ZONE)$/

/** The storage class of a DuckDB type; lists, structs, maps, blobs and unions count as nested (kept as text). */
export function storageOf(type: string): Storage {
  if (type === 'BOOLEAN') return 'boolean'
  if (NUMBER.test(type)) return 'number'
  if (TIME.test(type)) return 'time'
  if (type === 'VARCHAR' || type === 'UUID' || type.startsWith('ENUM')) return 'string'
  return 'nested'
}
