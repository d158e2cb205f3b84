import type { Engine } from './duckdb.ts'
import { engineError } from './duckdb-error.ts'

/** Adds rows to a table, value by value in the order of its columns. Close it: that writes what is left. */
export interface Appender {
  text(value: string): void
  nothing(): void
  endRow(): void
  /** Writes the rows so far. */
  flush(): void
  close(): void
}

/**
 * Opens an appender to a table of schema `main` in a catalog.
 *
 * @throws FiableError ENGINE_FAILED when there is no such table.
 */
export function openAppender({ native }: Engine, catalog: string, table: string): Appender {
  const { low, connection } = native
  const into = create()
  return {
    text: (value) => low.append_varchar(into, value),
    nothing: () => low.append_null(into),
    endRow: () => low.appender_end_row(into),
    flush: () => low.appender_flush_sync(into),
    close: () => low.appender_close_sync(into),
  }

  function create() {
    try {
      return low.appender_create_ext(connection, catalog, 'main', table)
    } catch (cause) {
      throw engineError(cause, `append to ${catalog}.${table}`)
    }
  }
}
