import type { RowSample, SampleColumn } from '../data/profile.ts'
import { type Chunk, isValid, readChunks } from '../engines/duckdb-vectors.ts'
import { encodeColumn, type Place } from './encode-rows.ts'
import type { Kernel } from './kernel.ts'
import { combine } from './profile-sample.ts'
import { isWide, numberedRows, type Reading, rowHashSql } from './reading.ts'
import type { ScanInput } from './scan.ts'

/** Columns read in one statement: more would make the engine hold a row group of all of them. */
const COLUMNS_AT_ONCE = 16

/** Rows brought into memory. */
export interface ReadRows {
  readonly sample: RowSample
  /** Row hashes as words low, high …; only when all rows were read. */
  readonly rowWords: Uint32Array
  /** Per column, values that could not be read as the expected type. */
  readonly invalid: readonly number[]
}

/**
 * Reads `size` rows of a file, chosen uniformly by a hash of the row number, or all of them when it has no more.
 *
 * All rows come with the row hashes, and with what could not be read as expected.
 */
export async function readRows(input: ScanInput, size: number, kernel: Kernel): Promise<ReadRows> {
  const whole = size >= input.rows
  const from = whole ? `read_parquet(${input.file})` : await sampledRows(input, size)
  const columns: SampleColumn[] = []
  const invalid: number[] = []
  let rows = 0
  for (let first = 0; first < input.readings.length; first += COLUMNS_AT_ONCE) {
    const readings = input.readings.slice(first, first + COLUMNS_AT_ONCE)
    const chunks = [...(await readChunks(input.engine, `select ${projection(readings)} from ${from}`))]
    rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0)
    for (const [i, reading] of readings.entries()) {
      columns.push(await encode(input, { reading, from, rows, kernel }, { chunks, at: 2 * i }))
      invalid.push(reading.coerced ? countInvalid(chunks, 2 * i) : 0)
    }
  }
  const rowWords = whole ? await readRowWords(input, from) : new Uint32Array(0)
  return { sample: { rows, of: input.rows, columns }, rowWords, invalid }
}

/** Two expressions per column: its value, and for coerced ones whether there was something to read. */
const projection = (readings: readonly Reading[]): string =>
  readings
    .map(
      (reading) =>
        `${reading.value(reading.key)}, ${reading.coerced ? `nullif(${reading.source} is null, true)` : 'true'}`,
    )
    .join(', ')

async function encode(
  input: ScanInput,
  {
    reading,
    from,
    rows,
    kernel,
  }: {
    readonly reading: Reading
    readonly from: string
    readonly rows: number
    readonly kernel: Kernel
  },
  read: { readonly chunks: readonly Chunk[]; readonly at: number },
): Promise<SampleColumn> {
  const place: Place = { value: read.at, identity: null }
  if (!isWide(reading.column) || !read.chunks.some((chunk) => hasUnsafe(chunk, read.at)))
    return encodeColumn(read.chunks, reading, { place, rows, kernel })
  const sql = `select ${reading.value(reading.key)}, hash(${reading.key}) from ${from}`
  const chunks = [...(await readChunks(input.engine, sql))]
  return encodeColumn(chunks, reading, { place: { value: 0, identity: 1 }, rows, kernel })
}

function hasUnsafe(chunk: Chunk, column: number): boolean {
  const valid = chunk.valid(column)
  return chunk
    .numbers(column)
    .some((value, i) => Math.abs(value) > Number.MAX_SAFE_INTEGER && isValid(valid, i))
}

function countInvalid(chunks: readonly Chunk[], at: number): number {
  let count = 0
  for (const chunk of chunks) {
    const read = chunk.valid(at)
    const present = chunk.valid(at + 1)
    for (let i = 0; i < chunk.rowCount; i++) if (isValid(present, i) && !isValid(read, i)) count++
  }
  return count
}

async function readRowWords(input: ScanInput, from: string): Promise<Uint32Array> {
  const hashes = rowHashSql(input.found)
  const words = new Uint32Array(2 * input.rows)
  let row = 0
  for (const chunk of await readChunks(input.engine, `select ${hashes.join(', ')} from ${from}`)) {
    addRowWords(chunk, hashes.length, words.subarray(2 * row, 2 * (row + chunk.rowCount)))
    row += chunk.rowCount
  }
  return words
}

/** The row hashes of a chunk: the engine's own for one group of columns, those of several combined. */
function addRowWords(chunk: Chunk, groups: number, out: Uint32Array): void {
  if (groups === 1) out.set(chunk.words(0))
  else
    for (let g = 0; g < groups; g++) {
      const words = chunk.words(g)
      for (let i = 0; i < chunk.rowCount; i++) combine(out, 2 * i, words[2 * i]!, words[2 * i + 1]!)
    }
}

/**
 * SQL of exactly `size` rows, in the order of the file, those of the smallest hash of their number.
 *
 * The largest of these hashes is looked for first, among few: then no row need be ordered, and no other column held.
 */
async function sampledRows({ engine, file, rows, found }: ScanInput, size: number): Promise<string> {
  const from = numberedRows(
    file,
    found.map(({ name }) => name),
  )
  const hashes = `select hash(fiable_row) as h from ${from} where h < ${likelyBound(size, rows)}`
  const [last] = await engine.query(`select max(h)::varchar as h from (${hashes} order by h limit ${size})`)
  return `(select * from ${from} where hash(fiable_row) <= ${last!.h})`
}

/** A hash six standard deviations above the one below which `size` of the rows are expected. */
function likelyBound(size: number, rows: number): bigint {
  const share = Math.min(1, (size + 6 * Math.sqrt(size)) / rows)
  return BigInt(Math.floor(share * 2 ** 52)) << 12n
}
