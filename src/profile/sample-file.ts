import { storageOf } from '../data/column.ts'
import { FiableError } from '../data/errors.ts'
import type { RowSample, SampleColumn } from '../data/profile.ts'
import { type Engine, quoteText } from '../engines/duckdb.ts'

/** Version of the file's layout. */
const LAYOUT = 1

/**
 * Writes a sample as a Parquet file with one row per column: its codes and numbers as bytes, its texts as JSON.
 *
 * Exact for every value, NaN and lone surrogates included.
 *
 * @throws FiableError ENGINE_FAILED when the file cannot be written.
 */
export async function writeSample(engine: Engine, sample: RowSample, path: string): Promise<void> {
  await engine.run(
    'create or replace temp table fiable_sample (layout int, rows int, of double, name varchar, type varchar, codes blob, numbers blob, texts varchar)',
  )
  const appender = await engine.connection.createAppender('fiable_sample', 'main', 'temp')
  for (const column of sample.columns) append(appender, sample, column)
  appender.closeSync()
  await engine.run(`copy fiable_sample to ${quoteText(path)} (format parquet, compression zstd)`)
  await engine.run('drop table fiable_sample')
}

type Appender = Awaited<ReturnType<Engine['connection']['createAppender']>>

function append(appender: Appender, { rows, of }: RowSample, sampleColumn: SampleColumn): void {
  const { column, codes, values } = sampleColumn
  appender.appendInteger(LAYOUT)
  appender.appendInteger(rows)
  appender.appendDouble(of)
  appender.appendVarchar(JSON.stringify(column.name))
  appender.appendVarchar(column.type)
  appender.appendBlob(bytesOf(codes))
  if (isText(sampleColumn)) {
    appender.appendNull()
    appender.appendVarchar(JSON.stringify(values))
  } else {
    appender.appendBlob(bytesOf(new Float64Array(values as readonly number[])))
    appender.appendNull()
  }
  appender.endRow()
}

const isText = ({ column }: Pick<SampleColumn, 'column'>): boolean =>
  column.storage === 'string' || column.storage === 'nested'

const bytesOf = (array: Uint32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/**
 * Reads the sample that `writeSample` wrote.
 *
 * @throws FiableError STORE_CORRUPT when the file holds no sample; STORE_NEWER when a newer version wrote it.
 */
export async function readSample(engine: Engine, path: string): Promise<RowSample> {
  const rows = await engine
    .query(`select * from read_parquet(${quoteText(path)}, file_row_number = true) order by file_row_number`)
    .catch((cause: unknown) => {
      throw corrupt(path, cause)
    })
  const first = rows[0]
  if (first?.layout === undefined) throw corrupt(path)
  if (Number(first.layout) > LAYOUT)
    throw new FiableError(
      'STORE_NEWER',
      `The sample ${path} has layout ${first.layout}; this version of Fiable reads up to ${LAYOUT}.`,
      'Update Fiable to the version that wrote it, or profile the batch again.',
    )
  return { rows: Number(first.rows), of: Number(first.of), columns: rows.map(columnOf) }
}

function columnOf(row: Record<string, unknown>): SampleColumn {
  const type = String(row.type)
  const column = { name: JSON.parse(String(row.name)) as string, type, storage: storageOf(type) }
  const codes = new Uint32Array(bufferOf(row.codes))
  const values = isText({ column })
    ? (JSON.parse(String(row.texts)) as string[])
    : [...new Float64Array(bufferOf(row.numbers))]
  return { column, codes, values }
}

/** The bytes of a BLOB in memory of their own, aligned for any typed array. */
const bufferOf = (blob: unknown): ArrayBuffer =>
  Uint8Array.from((blob as { readonly bytes: Uint8Array }).bytes).buffer

const corrupt = (path: string, cause?: unknown): FiableError =>
  new FiableError(
    'STORE_CORRUPT',
    `${path} does not hold a row sample.`,
    'Profile the batch again; if it happens twice, check the disk.',
    { cause },
  )
