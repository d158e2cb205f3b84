import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { FiableError, messageOf } from '../data/errors.ts'
import { type Artifacts, openArtifacts } from './artifacts.ts'
import { migrate } from './migrations.ts'
import { openPostgres, postgresError } from './postgres.ts'
import type { Tables } from './schema.ts'
import { openSqlite, storeError } from './sqlite.ts'

/** The state of projects: a SQLite file or a PostgreSQL, and a folder of artifacts. Safe for several processes at once. Close it. */
export interface Store {
  /** Absolute path of the folder. */
  readonly folder: string
  readonly db: Kysely<Tables>
  readonly artifacts: Artifacts
  close(): Promise<void>
}

/** Whether a store is named by the URL of a PostgreSQL rather than by a folder. */
export const isDatabaseUrl = (place: string): boolean => /^postgres(ql)?:\/\//.test(place)

/**
 * Opens the store in a folder, or on a PostgreSQL with its artifacts in a folder, creating or upgrading it.
 *
 * @param place - A folder, or a `postgresql://` URL.
 * @param folder - With a URL, the folder of artifacts and caches, `.fiable` by default; shared by the machines of a fleet.
 * @throws FiableError NOT_READABLE, STORE_NEWER, STORE_CORRUPT, STORE_BUSY, DISK_FULL, DATABASE_UNREACHABLE or DATABASE_FAILED.
 */
export async function openStore(place: string, folder = '.fiable'): Promise<Store> {
  return isDatabaseUrl(place) ? openShared(place, folder) : openFolder(place)
}

async function openShared(url: string, folder: string): Promise<Store> {
  const absolute = path.resolve(folder)
  await makeFolder(absolute)
  const artifacts = await openArtifacts(path.join(absolute, 'artifacts'))
  const db = openPostgres(url)
  const { host, pathname } = new URL(url)
  try {
    await migrate(db, `${host}${pathname}`)
  } catch (cause) {
    await db.destroy()
    throw postgresError(cause, `${host}${pathname}`)
  }
  return { folder: absolute, db, artifacts, close: () => db.destroy() }
}

async function openFolder(folder: string): Promise<Store> {
  const absolute = path.resolve(folder)
  const file = path.join(absolute, 'store.sqlite')
  await makeFolder(absolute)
  const artifacts = await openArtifacts(path.join(absolute, 'artifacts'))
  const db = openSqlite(file)
  try {
    await migrate(db, file)
  } catch (cause) {
    await db.destroy()
    throw storeError(cause, file)
  }
  return { folder: absolute, db, artifacts, close: () => db.destroy() }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new FiableError(
      'NOT_READABLE',
      `The store folder ${folder} cannot be created: ${messageOf(cause)}.`,
      'Check its permissions, or choose another with --store.',
      { cause },
    )
  }
}
