import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** Third version of the store: projects, runs, executions, artifacts, events, metrics, and what speaks for models. */
export async function createTraces(db: Kysely<Tables>): Promise<void> {
  await createContexts(db)
  await createExecutions(db)
  await createArtifacts(db)
  await createEvidence(db)
  for (const [name, table, columns] of INDEXES)
    await db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute()
}

const INDEXES = [
  ['run_by_project', 'run', ['project_id', 'id']],
  ['run_by_state', 'run', ['state']],
  ['execution_by_run', 'execution', ['run_id', 'id']],
  ['execution_by_cache', 'execution', ['cache_key']],
  ['artifact_by_digest', 'artifact', ['digest']],
  ['event_by_artifact', 'event', ['artifact_id', 'type']],
  ['metric_by_run', 'metric', ['run_id', 'name', 'step']],
  ['metric_by_name', 'metric', ['name', 'id']],
] as const

const table = (db: Kysely<Tables>, name: string): CreateTableBuilder<string, 'id'> =>
  db.schema.createTable(name).addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())

async function createContexts(db: Kysely<Tables>): Promise<void> {
  await table(db, 'project')
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .execute()
  await table(db, 'context')
    .addColumn('project_id', 'integer', (c) => c.notNull().references('project.id'))
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('parent_id', 'integer', (c) => c.references('context.id'))
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('context_once', ['project_id', 'type', 'name'])
    .execute()
  await db.schema
    .createTable('run')
    .addColumn('id', 'integer', (c) => c.primaryKey().references('context.id'))
    .addColumn('project_id', 'integer', (c) => c.notNull().references('project.id'))
    .addColumn('pipeline', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('parameters', 'text', (c) => c.notNull())
    .addColumn('graph', 'text', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .addColumn('ended_ms', 'bigint')
    .addColumn('error', 'text')
    .addColumn('owner', 'text')
    .addColumn('epoch', 'integer', (c) => c.notNull())
    .addColumn('beats', 'bigint', (c) => c.notNull())
    .addColumn('cancel_requested', 'integer', (c) => c.notNull())
    .execute()
}

async function createExecutions(db: Kysely<Tables>): Promise<void> {
  await table(db, 'execution')
    .addColumn('run_id', 'integer', (c) => c.notNull().references('run.id'))
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('component', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('code_version', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .addColumn('started_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addColumn('parameters', 'text', (c) => c.notNull())
    .addColumn('outputs', 'text')
    .addColumn('error', 'text')
    .addColumn('cache_key', 'text')
    .addColumn('cached_from', 'integer')
    .addColumn('log_digest', 'text')
    .addColumn('resources', 'text')
    .addColumn('energy_kwh', 'double precision')
    .addColumn('owner', 'text')
    .addColumn('epoch', 'integer', (c) => c.notNull())
    .addColumn('beats', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('execution_once', ['run_id', 'path', 'attempt'])
    .execute()
}

async function createArtifacts(db: Kysely<Tables>): Promise<void> {
  await table(db, 'artifact')
    .addColumn('project_id', 'integer', (c) => c.notNull().references('project.id'))
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('uri', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('row_count', 'bigint')
    .addColumn('metadata', 'text', (c) => c.notNull())
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('event')
    .addColumn('execution_id', 'integer', (c) => c.notNull().references('execution.id'))
    .addColumn('artifact_id', 'integer', (c) => c.notNull().references('artifact.id'))
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('event_once', ['execution_id', 'type', 'key', 'position'])
    .execute()
  await table(db, 'metric')
    .addColumn('run_id', 'integer', (c) => c.notNull().references('run.id'))
    .addColumn('execution_id', 'integer', (c) => c.notNull().references('execution.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('step', 'bigint', (c) => c.notNull())
    .addColumn('value', 'double precision')
    .addColumn('created_ms', 'bigint', (c) => c.notNull())
    .execute()
}

async function createEvidence(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('model_alias')
    .addColumn('model_id', 'integer', (c) => c.notNull().references('registered_model.id'))
    .addColumn('alias', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('set_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('model_alias_once', ['model_id', 'alias'])
    .execute()
  await db.schema
    .createTable('model_evidence')
    .addColumn('version_id', 'integer', (c) => c.primaryKey().references('model_version.id'))
    .addColumn('artifact_id', 'integer', (c) => c.references('artifact.id'))
    .addColumn('execution_id', 'integer', (c) => c.references('execution.id'))
    .addColumn('metrics', 'text', (c) => c.notNull())
    .addColumn('signature', 'text', (c) => c.notNull())
    .addColumn('scorecard_digest', 'text')
    .execute()
}
