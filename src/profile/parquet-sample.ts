import { storageOf } from '../data/column.ts'
import { FiableError } from '../data/errors.ts'
import type { RowSample, SampleColumn } from '../data/profile.ts'
import { type Engine, quoteText } from '../engines/duckdb.ts'
import { type Chunk, type Chunks, readChunks, type TextBytes } from '../engines/duckdb-vectors.ts'
import { isMarked } from './stored-bytes.ts'

/** Version of the file's layout: samples of later ones are no Parquet files. */
const LAYOUT = 1

/** Whether a file's bytes are those of a Parquet file. */
export const isParquet = (bytes: Buffer): boolean => isMarked(bytes, Buffer.from('PAR1'))

const isText = ({ column }: Pick<SampleColumn, 'column'>): boolean =>
  column.storage === 'string' || column.storage === 'nested'

/**
 * Reads a sample as it was stored at first: a Parquet file with one row per column, its codes and numbers as bytes, its
 * texts as JSON.
 *
 * @throws FiableError STORE_CORRUPT when the file holds no sample; STORE_NEWER when a newer version wrote it.
 */
export async function readParquetSample(engine: Engine, path: string): Promise<RowSample> {
  try {
    await checkLayout(engine, path)
    return sampleIn(await readChunks(engine, `select ${COLUMNS} from ${linesOf(path)}`), path)
  } catch (cause) {
    throw cause instanceof FiableError && cause.code !== 'ENGINE_FAILED' ? cause : corrupt(path, cause)
  }
}

const COLUMNS = 'rows::double, of, name, type, codes, numbers, texts'

const linesOf = (path: string): string =>
  `read_parquet(${quoteText(path)}, file_row_number = true) order by file_row_number`

async function checkLayout(engine: Engine, path: string): Promise<void> {
  const [first] = await engine.query(`select layout from ${linesOf(path)} limit 1`)
  if (!first) throw corrupt(path)
  if (Number(first.layout) <= LAYOUT) return
  throw new FiableError(
    'STORE_NEWER',
    `The sample ${path} has layout ${first.layout}; this version of Fiable reads up to ${LAYOUT}.`,
    'Update Fiable to the version that wrote it, or profile the batch again.',
  )
}

function sampleIn(chunks: Chunks, path: string): RowSample {
  const columns: SampleColumn[] = []
  let size = { rows: 0, of: 0 }
  for (const chunk of chunks) {
    size = { rows: chunk.numbers(0)[0]!, of: chunk.numbers(1)[0]! }
    columns.push(...columnsIn(chunk))
  }
  if (columns.length === 0) throw corrupt(path)
  return { ...size, columns }
}

function columnsIn(chunk: Chunk): SampleColumn[] {
  const [names, types, texts] = [chunk.texts(2), chunk.texts(3), chunk.texts(6)]
  const [codes, numbers] = [chunk.textBytes(4), chunk.textBytes(5)]
  return names.map((name, i) => {
    const type = types[i]!
    const column = { name: JSON.parse(name!) as string, type, storage: storageOf(type) }
    return {
      column,
      codes: new Uint32Array(bytesAt(codes, i)),
      values: isText({ column })
        ? (JSON.parse(texts[i]!) as string[])
        : [...new Float64Array(bytesAt(numbers, i))],
    }
  })
}

/** Bytes of a row in memory of their own, aligned for any typed array. */
const bytesAt = ({ bytes, starts, lengths }: TextBytes, row: number): ArrayBuffer =>
  bytes.slice(starts[row]!, starts[row]! + lengths[row]!).buffer as ArrayBuffer

const corrupt = (path: string, cause?: unknown): FiableError =>
  new FiableError(
    'STORE_CORRUPT',
    `${path} does not hold a row sample.`,
    'Profile the batch again; if it happens twice, check the disk.',
    { cause },
  )
