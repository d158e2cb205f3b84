import type { Column } from '../data/column.ts'
import { type ColumnProfile, PROFILE_VERSION, type Profile, type RowSample } from '../data/profile.ts'
import type { OnProgress } from '../data/progress.ts'
import { type Engine, quoteText } from '../engines/duckdb.ts'
import { groupColumn } from './group-column.ts'
import { type Kernel, withKernel } from './kernel.ts'
import { profileWhole } from './profile-sample.ts'
import { readRows } from './read-rows.ts'
import { columnsOf, isText, type Reading, readingsOf } from './reading.ts'
import { type Route, routeOf } from './route.ts'
import { scanRowCounts } from './scan-rows.ts'
import { SLICE_ROWS } from './slices.ts'
import { streamNumbers } from './stream-numbers.ts'
import { streamTexts } from './stream-texts.ts'

export interface ScanOptions {
  /** The columns as history knows them: values of another storage class are read as these. */
  readonly expected?: readonly Column[]
  /** Most rows in the sample, default 20 000; fewer when the table is wider than 200 columns. */
  readonly sampleRows?: number
  /** Memory for counting rows and values outside the engine, in MB, default 512. */
  readonly memoryMb?: number
  readonly onProgress?: OnProgress
  /** Forces every column of a batch larger than its sample onto one route; for tests and benchmarks. */
  readonly route?: Route
}

/** A Parquet file about to be scanned. */
export interface ScanInput {
  readonly engine: Engine
  /** SQL of the table function's arguments: the quoted path. */
  readonly file: string
  readonly rows: number
  readonly found: readonly Column[]
  readonly readings: readonly Reading[]
  readonly rowHash: string
  readonly memoryMb: number
  /** The route of every column, when it is not to be chosen from the sample. */
  readonly route: Route | null
}

/** Distinct values of a sample that are few enough to have all those of the batch put in order. */
const FEW = 10_000
const SAMPLE_ROWS = 20_000
const SAMPLE_CELLS = 4e6

/**
 * Scans a Parquet file into its profile and a uniform sample of its rows.
 *
 * Every statistic is of all rows and exact, but for what its type says is an estimate. How a column is counted (in
 * memory, grouped by the engine, or streamed through the kernel) changes the cost, never the result. The sample is
 * chosen by a hash of the row number: the same file gives the same sample.
 *
 * @throws FiableError ENGINE_FAILED when the file cannot be read as Parquet.
 */
export async function scan(
  engine: Engine,
  parquetPath: string,
  options: ScanOptions = {},
): Promise<{ profile: Profile; sample: RowSample }> {
  const input = await open(engine, parquetPath, options)
  return withKernel((kernel) => scanIn(input, options, kernel))
}

async function scanIn(
  input: ScanInput,
  options: ScanOptions,
  kernel: Kernel,
): Promise<{ profile: Profile; sample: RowSample }> {
  const columnCount = Math.max(1, input.found.length)
  const size = Math.min(input.rows, options.sampleRows ?? SAMPLE_ROWS, Math.floor(SAMPLE_CELLS / columnCount))
  if (size >= input.rows) {
    const { sample, ...scanned } = await readRows(input, input.rows, kernel)
    return { profile: profileWhole(sample, { ...scanned, rowHash: input.rowHash }), sample }
  }
  const { sample } = await readRows(input, size, kernel)
  const { onProgress } = options
  return { profile: await profileLarge(input, sample, { kernel, onProgress }), sample }
}

async function open(engine: Engine, parquetPath: string, options: ScanOptions): Promise<ScanInput> {
  const file = quoteText(parquetPath)
  const found = await columnsOf(engine, file)
  const [count] = await engine.query(`select count(*)::double as n from read_parquet(${file})`)
  return {
    engine,
    file,
    rows: Number(count!.n),
    found,
    readings: readingsOf(found, options.expected),
    rowHash: `duckdb-${engine.version.replace(/^v/, '')}`,
    memoryMb: options.memoryMb ?? 512,
    route: options.route ?? null,
  }
}

async function profileLarge(
  input: ScanInput,
  sample: RowSample,
  {
    kernel,
    onProgress = () => {},
  }: { readonly kernel: Kernel; readonly onProgress?: OnProgress | undefined },
): Promise<Profile> {
  const profiled = new Map<Reading, ColumnProfile>()
  const total = input.readings.length + 1
  const tell = () => onProgress({ stage: 'profile', done: profiled.size, total })
  tell()
  const { numbers, texts, grouped } = byRoute(input, sample)
  for (const block of blocksOf(numbers, numbersAtOnce(input.rows))) {
    const profiles = await streamNumbers(input, block, kernel)
    for (const [i, reading] of block.entries()) profiled.set(reading, profiles[i]!)
    tell()
  }
  for (const reading of texts) {
    profiled.set(reading, await streamTexts(input, reading, kernel))
    tell()
  }
  for (const { reading, areFew } of grouped) {
    profiled.set(reading, await groupColumn(input, reading, { areFew }))
    tell()
  }
  const rowCounts = await scanRowCounts(input, kernel)
  onProgress({ stage: 'profile', done: total, total })
  const columns = input.readings.map((reading) => profiled.get(reading)!)
  return { version: PROFILE_VERSION, rows: input.rows, columns, ...rowCounts, rowHash: input.rowHash }
}

/** The columns by how they are counted. */
interface ByRoute {
  readonly numbers: Reading[]
  readonly texts: Reading[]
  readonly grouped: { readonly reading: Reading; readonly areFew: boolean }[]
}

function byRoute(input: ScanInput, sample: RowSample): ByRoute {
  const columns: ByRoute = { numbers: [], texts: [], grouped: [] }
  for (const [c, reading] of input.readings.entries()) {
    const sampled = sample.columns[c]!
    const route = reading.coerced ? 'group' : (input.route ?? routeOf(reading, sampled, input.rows))
    if (route === 'group') columns.grouped.push({ reading, areFew: sampled.values.length <= FEW })
    else columns[isText(reading.column) ? 'texts' : 'numbers'].push(reading)
  }
  return columns
}

/** Number columns read in one statement: as many as a slice of one column has values. */
const numbersAtOnce = (rows: number): number => Math.max(1, Math.floor(SLICE_ROWS / rows))

function* blocksOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size)
}
