import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** What people said of batches and incidents: two tables that are only ever added to. */
export async function createActions(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('action')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('dataset_id', 'integer', (c) => c.notNull().references('dataset.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('incident', 'text')
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('author', 'text', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('action_by_dataset').on('action').columns(['dataset_id', 'id']).execute()
  await db.schema
    .createTable('feedback')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('action_id', 'integer', (c) => c.notNull().references('action.id'))
    .addColumn('batch_id', 'integer', (c) => c.notNull().references('batch.id'))
    .addColumn('value', 'text')
    .execute()
  await db.schema.createIndex('feedback_by_batch').on('feedback').columns(['batch_id', 'id']).execute()
}
