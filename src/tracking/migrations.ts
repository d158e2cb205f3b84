import type { Kysely } from 'kysely'
import { FiableError } from '../data/errors.ts'
import { createActions } from './create-actions.ts'
import { createTraces } from './create-traces.ts'
import { STORE_VERSION, type Tables } from './schema.ts'
import { writing } from './sqlite.ts'

/** Brings a store to the present version inside one transaction; one function per version, never edited once released. */
const migrations: readonly ((db: Kysely<Tables>) => Promise<void>)[] = [
  createFirst,
  createModels,
  createTraces,
  createActions,
]

/**
 * Creates or upgrades the tables.
 *
 * @throws FiableError STORE_NEWER when a newer Fiable wrote the store.
 */
export async function migrate(db: Kysely<Tables>, path: string): Promise<void> {
  await writing(db, async (transaction) => {
    await createMeta(transaction)
    const version = await versionOf(transaction, path)
    for (const migration of migrations.slice(version)) await migration(transaction)
    if (version < STORE_VERSION) await writeVersion(transaction)
  })
}

async function createMeta(db: Kysely<Tables>): Promise<void> {
  const meta = db.schema.createTable('meta').ifNotExists()
  await meta
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
}

async function writeVersion(db: Kysely<Tables>): Promise<void> {
  const value = String(STORE_VERSION)
  await db
    .insertInto('meta')
    .values({ key: 'version', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

async function versionOf(db: Kysely<Tables>, path: string): Promise<number> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', 'version').executeTakeFirst()
  const version = Number(row?.value ?? 0)
  if (version <= STORE_VERSION) return version
  throw new FiableError(
    'STORE_NEWER',
    `The store ${path} has version ${version}; this Fiable knows versions up to ${STORE_VERSION}.`,
    'Upgrade Fiable, or choose another store with --store.',
  )
}

async function createFirst(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('dataset')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('declaration', 'text', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('setting')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('dataset_id', 'integer', (c) => c.notNull().references('dataset.id'))
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('author', 'text', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('series')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('dataset_id', 'integer', (c) => c.notNull().references('dataset.id'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addUniqueConstraint('series_once', ['dataset_id', 'key'])
    .execute()
  await createBatches(db)
}

async function createBatches(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('batch')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('dataset_id', 'integer', (c) => c.notNull().references('dataset.id'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('slot', 'integer', (c) => c.notNull())
    .addColumn('start_ms', 'bigint')
    .addColumn('end_ms', 'bigint')
    .addColumn('uri', 'text', (c) => c.notNull())
    .addColumn('content_hash', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint')
    .addColumn('modified_ms', 'double precision')
    .addColumn('rows', 'bigint', (c) => c.notNull())
    .addColumn('profile_digest', 'text', (c) => c.notNull())
    .addColumn('sample_digest', 'text', (c) => c.notNull())
    .addColumn('judged_ms', 'bigint', (c) => c.notNull())
    .addColumn('is_current', 'integer', (c) => c.notNull())
    .addColumn('in_baseline', 'integer', (c) => c.notNull())
    .addColumn('label', 'text')
    .addUniqueConstraint('batch_once', ['dataset_id', 'key', 'revision'])
    .execute()
  await db.schema
    .createTable('score')
    .addColumn('batch_id', 'integer', (c) => c.primaryKey().references('batch.id'))
    .addColumn('series', 'blob', (c) => c.notNull())
    .addColumn('numbers', 'blob', (c) => c.notNull())
    .addColumn('fields', 'text', (c) => c.notNull())
    .addColumn('summary', 'text', (c) => c.notNull())
    .execute()
}

async function createModels(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('registered_model')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('dataset_id', 'integer', (c) => c.notNull().references('dataset.id'))
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('model_version')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('model_id', 'integer', (c) => c.notNull().references('registered_model.id'))
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('uri', 'text', (c) => c.notNull())
    .addColumn('kept_digest', 'text')
    .addColumn('model_type', 'text', (c) => c.notNull())
    .addColumn('framework_name', 'text', (c) => c.notNull())
    .addColumn('framework_version', 'text', (c) => c.notNull())
    .addColumn('hyperparameters', 'text', (c) => c.notNull())
    .addColumn('labels', 'text', (c) => c.notNull())
    .addColumn('last_slot', 'integer', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('model_version_once', ['model_id', 'version'])
    .execute()
}
