import type { DuckDBValue } from '@duckdb/node-api'
import type bindings from '@duckdb/node-bindings'
import { type Chunk, chunksOf, isValid } from './duckdb-vectors.ts'

type Bindings = typeof bindings

/** Reads the values of a column of some chunk, whatever its nulls hold. */
type ReadColumn = (chunk: Chunk, column: number) => ArrayLike<DuckDBValue>

/** The bytes of a column in memory of their own: those of the engine need not lie where typed arrays may begin. */
const copied = (chunk: Chunk, column: number, width: number): ArrayBuffer =>
  Uint8Array.from(chunk.data(column, width)).buffer

const readers: Readonly<Record<string, ReadColumn>> = {
  BOOLEAN: (chunk, column) => Array.from(chunk.data(column, 1), (byte) => byte !== 0),
  INTEGER: (chunk, column) => new Int32Array(copied(chunk, column, 4)),
  UINTEGER: (chunk, column) => new Uint32Array(copied(chunk, column, 4)),
  BIGINT: (chunk, column) => new BigInt64Array(copied(chunk, column, 8)),
  UBIGINT: (chunk, column) => new BigUint64Array(copied(chunk, column, 8)),
  HUGEINT: (chunk, column) => hugeIntegers(copied(chunk, column, 16)),
  DOUBLE: (chunk, column) => chunk.numbers(column),
  VARCHAR: (chunk, column) => chunk.texts(column),
}

/** Integers of 128 bits, the low half first. */
function hugeIntegers(bytes: ArrayBuffer): bigint[] {
  const low = new BigUint64Array(bytes)
  const high = new BigInt64Array(bytes)
  return Array.from({ length: low.length / 2 }, (_, i) => (high[2 * i + 1]! << 64n) | low[2 * i]!)
}

/**
 * The rows of a result as objects, when all its columns are booleans, numbers or texts; null when one is not.
 *
 * Integers of 64 bits and more arrive as bigint.
 */
export function plainRows(low: Bindings, result: bindings.Result): Record<string, DuckDBValue>[] | null {
  const columns = Array.from({ length: low.column_count(result) }, (_, i) => ({
    name: low.column_name(result, i),
    read: readers[low.Type[low.column_type(result, i)]!],
  }))
  if (columns.some(({ read }) => !read)) return null
  const rows: Record<string, DuckDBValue>[] = []
  for (const chunk of chunksOf(low, result)) {
    const values = columns.map(({ read }, i) => read!(chunk, i))
    const valid = columns.map((_, i) => chunk.valid(i))
    for (let row = 0; row < chunk.rowCount; row++)
      rows.push(
        Object.fromEntries(
          columns.map(({ name }, i) => [name, isValid(valid[i]!, row) ? values[i]![row]! : null]),
        ),
      )
  }
  return rows
}
