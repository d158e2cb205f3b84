import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'
import { FiableError, messageOf } from '../data/errors.ts'

export interface EngineOptions {
  /** Threads of the engine, 1–256, default 2. */
  readonly threads?: number
  /** Memory the engine may use before it spills, in MB, default 1024. */
  readonly memoryMb?: number
  /** Folder for spilled data; must exist. */
  readonly tempFolder?: string
}

const DEFAULT_THREADS = 2

/** A live in-memory DuckDB: SQL in, rows or typed vectors out. Close it. */
export interface Engine {
  readonly version: string
  /** Most threads it may use. */
  readonly threads: number
  /** Rows as objects; for few rows only. BIGINT arrives as bigint. */
  query(sql: string): Promise<Record<string, DuckDBValue>[]>
  run(sql: string): Promise<void>
  /** The live connection, for vector access. */
  readonly connection: DuckDBConnection
  close(): void
}

/** A DuckDB identifier, quoted. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A DuckDB string literal, quoted. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * Opens DuckDB in memory, with extension downloads off.
 *
 * The native library loads at the first call, not at import: commands that need no engine stay fast.
 *
 * @throws FiableError ENGINE_FAILED when the native library is absent or an option is refused.
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const { instance, connection, version } = await connect(options)
  return {
    version,
    threads: options.threads ?? DEFAULT_THREADS,
    connection,
    query: (sql) => guard(sql, async () => (await connection.runAndReadAll(sql)).getRowObjects()),
    run: (sql) => guard(sql, async () => void (await connection.run(sql))),
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function connect(
  options: EngineOptions,
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection; version: string }> {
  try {
    const duckdb = await import('@duckdb/node-api')
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      threads: String(options.threads ?? DEFAULT_THREADS),
      memory_limit: `${options.memoryMb ?? 1024}MB`,
      autoinstall_known_extensions: 'false',
      ...(options.tempFolder ? { temp_directory: options.tempFolder } : {}),
    })
    const connection = await instance.connect()
    await connection.run("set parquet_metadata_cache=true; set TimeZone='UTC'")
    return { instance, connection, version: duckdb.version() }
  } catch (cause) {
    throw new FiableError(
      'ENGINE_FAILED',
      `DuckDB could not be opened: ${messageOf(cause)}`,
      'Run `npm ci` again so that the DuckDB package of this platform is installed, then `fiable doctor`.',
      { cause },
    )
  }
}

async function guard<T>(sql: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw engineError(cause, sql)
  }
}

/** Wraps what DuckDB threw, keeping its text, the statement and the cause. */
export function engineError(cause: unknown, sql: string): FiableError {
  const text = messageOf(cause)
  const statement = sql.length > 500 ? `${sql.slice(0, 500)}…` : sql
  if (/No space left|disk full|Could not write file/i.test(text))
    return new FiableError(
      'DISK_FULL',
      `The disk is full: ${text}`,
      'Free space, or point TMPDIR and --store at a larger disk.',
      { cause },
    )
  return new FiableError(
    'ENGINE_FAILED',
    `DuckDB refused a statement: ${text}\n  in: ${statement}`,
    'Report this with the statement above, or check the data it names.',
    { cause },
  )
}
