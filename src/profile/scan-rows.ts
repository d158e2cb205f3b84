import { readChunks } from '../engines/duckdb-vectors.ts'
import type { RowCounts } from './row-keys.ts'
import { countRows } from './row-keys.ts'
import type { ScanInput } from './scan.ts'

/** Counts the rows of a file by their hashes. */
export async function scanRowCounts(input: ScanInput, hashes: readonly string[]): Promise<RowCounts> {
  const words = new Uint32Array(2 * input.rows)
  let at = 0
  for (const chunk of await readChunks(
    input.engine,
    `select ${hashes.join(', ')} from read_parquet(${input.file})`,
  )) {
    words.set(chunk.words(0), at)
    at += 2 * chunk.rowCount
  }
  return countRows(words)
}
