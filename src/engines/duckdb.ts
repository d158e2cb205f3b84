import type { DuckDBValue } from '@duckdb/node-api'
import type bindings from '@duckdb/node-bindings'
import { FiableError, messageOf } from '../data/errors.ts'
import { engineError } from './duckdb-error.ts'
import { plainRows } from './duckdb-rows.ts'

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
  /** The live connection, for what reads or writes vectors. */
  readonly native: NativeConnection
  close(): void
}

/** A connection, and the C interface that knows what to do with it. */
export interface NativeConnection {
  readonly low: typeof bindings
  readonly connection: bindings.Connection
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
  const { native, database } = await connect(options)
  const { low, connection } = native
  return {
    version: low.library_version(),
    threads: options.threads ?? DEFAULT_THREADS,
    native,
    query: (sql) => guard(sql, async () => rowsOf(native, await low.query(connection, sql))),
    run: (sql) => guard(sql, async () => void (await low.query(connection, sql))),
    close() {
      low.disconnect_sync(connection)
      low.close_sync(database)
    },
  }
}

/** Rows of values that are rare here are read by DuckDB's own client, which takes as long to load as the engine itself. */
async function rowsOf(
  { low }: NativeConnection,
  result: bindings.Result,
): Promise<Record<string, DuckDBValue>[]> {
  const rows = plainRows(low, result)
  if (rows) return rows
  const { DuckDBMaterializedResult } = await import('@duckdb/node-api')
  return new DuckDBMaterializedResult(result).getRowObjects()
}

async function connect(
  options: EngineOptions,
): Promise<{ native: NativeConnection; database: bindings.Database }> {
  try {
    const low = (await import('@duckdb/node-bindings')).default
    const config = low.create_config()
    for (const [name, value] of settingsOf(options)) low.set_config(config, name, value)
    const database = await low.open(':memory:', config)
    const connection = await low.connect(database)
    await low.query(connection, "set parquet_metadata_cache=true; set TimeZone='UTC'")
    return { native: { low, connection }, database }
  } catch (cause) {
    throw new FiableError(
      'ENGINE_FAILED',
      `DuckDB could not be opened: ${messageOf(cause)}`,
      'Run `npm ci` again so that the DuckDB package of this platform is installed, then `fiable doctor`.',
      { cause },
    )
  }
}

const settingsOf = ({
  threads,
  memoryMb,
  tempFolder,
}: EngineOptions): readonly (readonly [string, string])[] => [
  ['threads', String(threads ?? DEFAULT_THREADS)],
  ['memory_limit', `${memoryMb ?? 1024}MB`],
  ['autoinstall_known_extensions', 'false'],
  ...(tempFolder ? [['temp_directory', tempFolder] as const] : []),
]

async function guard<T>(sql: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw engineError(cause, sql)
  }
}
