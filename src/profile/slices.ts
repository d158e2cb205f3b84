import { type Chunk, readChunks } from '../engines/duckdb-vectors.ts'
import { numberedRows } from './reading.ts'
import type { ScanInput } from './scan.ts'

/** Rows materialised at once: bounds memory, and is a multiple of the usual row groups. */
export const SLICE_ROWS = 2 ** 20

/** The chunks of some expressions over all rows of a file, in order, a slice of rows at a time. */
export async function* sliceChunks(input: ScanInput, expressions: string): AsyncGenerator<Chunk> {
  if (input.rows <= SLICE_ROWS) {
    yield* await readChunks(input.engine, `select ${expressions} from read_parquet(${input.file})`)
    return
  }
  const numbered = numberedRows(
    input.file,
    input.found.map(({ name }) => name),
  )
  for (let first = 0; first < input.rows; first += SLICE_ROWS) {
    const rows = `fiable_row between ${first} and ${first + SLICE_ROWS - 1}`
    yield* await readChunks(input.engine, `select ${expressions} from ${numbered} where ${rows}`)
  }
}
