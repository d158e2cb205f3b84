import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { FiableError, messageOf } from '../data/errors.ts'
import { type Artifacts, openArtifacts } from './artifacts.ts'
import { migrate } from './migrations.ts'
import type { Tables } from './schema.ts'
import { openSqlite, storeError } from './sqlite.ts'

/** The state of a project: a SQLite file and a folder of artifacts. Safe for several processes at once. Close it. */
export interface Store {
  /** Absolute path of the folder. */
  readonly folder: string
  readonly db: Kysely<Tables>
  readonly artifacts: Artifacts
  close(): Promise<void>
}

/**
 * Opens the store in a folder, creating or upgrading it.
 *
 * @throws FiableError NOT_READABLE, STORE_NEWER, STORE_CORRUPT, STORE_BUSY or DISK_FULL.
 */
export async function openStore(folder: string): Promise<Store> {
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
