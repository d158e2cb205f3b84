import { rm } from 'node:fs/promises'
import type { Client } from 'pg'
import { type Engine, quoteName, quoteText } from '../engines/duckdb.ts'
import { type Appender, openAppender } from '../engines/duckdb-appender.ts'
import { textHash } from './file-hash.ts'
import type { Notices } from './notices.ts'
import { writeParquet } from './parquet-file.ts'
import { duckdbType, type PostgresColumn, readText } from './postgres-types.ts'

/** A SELECT whose rows go into a Parquet file. */
export interface RowStream {
  readonly engine: Engine
  readonly client: Client
  readonly sql: string
  readonly values: readonly string[]
  readonly columns: readonly PostgresColumn[]
  readonly target: string
  readonly notices: Notices
}

/** Rows per round trip; with wide rows, what bounds the memory of a stream. */
const ROWS_PER_READ = 2_000

/**
 * Streams rows by a cursor into a database file on disk, as text, and from there into typed Parquet.
 *
 * Memory stays that of one read; when anything fails, nothing is left.
 */
export async function streamRows(stream: RowStream): Promise<void> {
  const { engine, target, columns } = stream
  const file = `${target}.stage`
  const stage = `fiable_stage_${textHash(target).slice(0, 16)}`
  await engine.run(`ATTACH ${quoteText(file)} AS ${stage}`)
  try {
    const cells = columns.map((_, i) => `c${i} VARCHAR`).join(', ')
    await engine.run(`CREATE TABLE ${stage}.cells (${cells})`)
    await append(stream, stage)
    const types = await finalTypes(stream, `${stage}.cells`)
    const select = columns.map((column, i) => readText(column, i, types[i]!)).join(', ')
    await writeParquet(engine, `SELECT ${select} FROM ${stage}.cells`, target)
  } finally {
    await engine.run(`DETACH ${stage}`)
    for (const left of [file, `${file}.wal`]) await rm(left, { force: true })
  }
}

async function append({ client, engine, sql, values }: RowStream, stage: string): Promise<void> {
  const { default: Cursor } = await import('pg-cursor')
  const cursor = client.query(new Cursor<(string | null)[]>(sql, [...values], { rowMode: 'array' }))
  const appender = openAppender(engine, stage, 'cells')
  try {
    for (
      let rows = await cursor.read(ROWS_PER_READ);
      rows.length > 0;
      rows = await cursor.read(ROWS_PER_READ)
    ) {
      for (const row of rows) appendRow(appender, row)
      appender.flush()
    }
  } finally {
    appender.close()
  }
}

function appendRow(appender: Appender, row: readonly (string | null)[]): void {
  for (const cell of row)
    if (cell === null) appender.nothing()
    else appender.text(cell)
  appender.endRow()
}

/** NaN and infinities are numeric in PostgreSQL, but no DECIMAL: such a column becomes DOUBLE, and it is said. */
async function finalTypes(
  { engine, columns, notices }: RowStream,
  cells: string,
): Promise<readonly string[]> {
  const types = columns.map(duckdbType)
  const decimals = types.flatMap((type, i) => (type.startsWith('DECIMAL') ? [i] : []))
  if (decimals.length === 0) return types
  const asked = decimals.map((i) => `bool_or(c${i} IN ('NaN', 'Infinity', '-Infinity')) AS c${i}`).join(', ')
  const [row] = await engine.query(`SELECT ${asked} FROM ${cells}`)
  return types.map((type, i) => {
    if (row![`c${i}`] !== true) return type
    notices.add(
      `Column ${quoteName(columns[i]!.name)} holds NaN or Infinity: it is kept as DOUBLE, not ${type}.`,
    )
    return 'DOUBLE'
  })
}
