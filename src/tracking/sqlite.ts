import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import {
  Kysely,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  sql,
  type Transaction,
} from 'kysely'
import { FiableError, messageOf } from '../data/errors.ts'
import { isPostgres, postgresError } from './postgres.ts'
import type { Tables } from './schema.ts'

const PATIENCE_MS = 10_000
/** The driver waits on the thread itself: shortly, since nothing else of the process runs meanwhile. */
const BLOCKING_MS = 50

/**
 * Runs `work` in a transaction that holds the store's one write lock, waiting for other writers without blocking the process.
 *
 * @throws FiableError STORE_BUSY when another process keeps the lock of a file for 10 s; DATABASE_UNREACHABLE or
 * DATABASE_FAILED from PostgreSQL.
 */
export async function writing<T>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  if (isPostgres(db)) return writingAlone(db, work)
  const giveUpAt = performance.now() + PATIENCE_MS
  for (let attempt = 0; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (thrown) {
      const isBusy = thrown instanceof FiableError && thrown.code === 'STORE_BUSY'
      if (!isBusy || performance.now() > giveUpAt) throw thrown
      await pause(Math.min(100, 2 ** attempt) * (0.5 + Math.random()))
    }
  }
}

/** Key of the lock that makes writers of one PostgreSQL store take turns, as SQLite's do. */
const WRITER_LOCK = 0x66_69_61_62

async function writingAlone<T>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  try {
    return await db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${WRITER_LOCK})`.execute(transaction)
      return work(transaction)
    })
  } catch (cause) {
    throw postgresError(cause, 'on PostgreSQL')
  }
}

/**
 * Opens a SQLite file for several processes at once: write-ahead log, every transaction takes the write lock at its
 * beginning (a deferred one fails with BUSY as soon as two processes write), every commit reaches the disk.
 *
 * @throws FiableError STORE_CORRUPT when the file is no SQLite database, STORE_BUSY when another process keeps the lock.
 */
export function openSqlite(path: string): Kysely<Tables> {
  const database = openDatabase(path)
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(database, path) }) })
}

function openDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: PATIENCE_MS, enableForeignKeyConstraints: true })
    database.exec(
      `pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma busy_timeout = ${BLOCKING_MS}`,
    )
    return database
  } catch (cause) {
    database?.close()
    throw storeError(cause, path)
  }
}

/** What Kysely expects of a driver, on Node's own SQLite. */
function adapt(database: DatabaseSync, path: string): SqliteDatabase {
  const guarded = <T>(work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      throw storeError(cause, path)
    }
  }
  return {
    close: () => database.close(),
    prepare: (sql): SqliteStatement => {
      const statement = guarded(() => database.prepare(sql === 'begin' ? 'begin immediate' : sql))
      const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => guarded(() => statement.all(...values(parameters))),
        run: (parameters) => guarded(() => statement.run(...values(parameters))),
        iterate: (parameters) => statement.iterate(...values(parameters)) as IterableIterator<unknown>,
      }
    },
  }
}

/** Names what SQLite refused. */
export function storeError(cause: unknown, path: string): FiableError {
  const text = messageOf(cause)
  if (cause instanceof FiableError) return cause
  if (/locked|busy/i.test(text))
    return new FiableError(
      'STORE_BUSY',
      `The store ${path} stayed locked for ${PATIENCE_MS / 1000} s by another process.`,
      'Stop the other process (`fiable doctor` names the store), then run again.',
      { cause },
    )
  if (/not a database|malformed|corrupt/i.test(text))
    return new FiableError(
      'STORE_CORRUPT',
      `The store ${path} is not a sound SQLite database: ${text}.`,
      'Move the file away and run again, or restore it from a backup.',
      { cause },
    )
  if (/full/i.test(text))
    return new FiableError(
      'DISK_FULL',
      `The store ${path} could not be written: the disk is full.`,
      'Free space, then run again; nothing half is stored.',
      { cause },
    )
  if (/unable to open|readonly|permission/i.test(text))
    return new FiableError(
      'NOT_READABLE',
      `The store ${path} cannot be opened for writing: ${text}.`,
      'Check the permissions of its folder, or choose another with --store.',
      { cause },
    )
  return new FiableError(
    'INTERNAL',
    `The store ${path} refused a statement: ${text}.`,
    'Report this with the text above.',
    { cause },
  )
}
