import { quoteName, quoteText } from '../engines/duckdb.ts'

/**
 * SQL of a 64-bit hash of a row; its sum over rows does not depend on their order, nor on columns that are all null.
 *
 * MD5 of the row's text, since DuckDB's own `hash()` may change with its version and these hashes are stored.
 */
export function rowHash(columns: readonly string[]): string {
  const cells = columns.map((name) => `${quoteText(`${name}=`)} || CAST(${quoteName(name)} AS VARCHAR)`)
  return `md5_number_lower(concat_ws(chr(31), ${cells.join(', ')}))`
}
