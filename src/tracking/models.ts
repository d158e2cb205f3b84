import type { Kysely, Transaction } from 'kysely'
import type { Json } from '../data/json.ts'
import type { Tables } from './schema.ts'

/** One trained version of a registered model; fields are named as model registries name them. */
export interface ModelVersion {
  readonly id: number
  readonly datasetId: number
  readonly name: string
  readonly description: string
  readonly owner: string
  readonly version: number
  readonly uri: string
  readonly keptDigest: string | null
  readonly modelType: string
  readonly trainingFramework: { readonly name: string; readonly version: string }
  readonly hyperparameters: Json
  readonly labels: Json
  /** Highest slot among the batches learnt from. */
  readonly lastSlot: number
  readonly createdMs: number
}

export type NewModelVersion = Omit<ModelVersion, 'id' | 'version'>

/** Stores a new version of the model of that name, creating the model with its first. */
export async function insertModelVersion(
  transaction: Transaction<Tables>,
  model: NewModelVersion,
): Promise<{ readonly id: number; readonly modelId: number; readonly version: number }> {
  const { datasetId, name, description, owner, createdMs } = model
  const registered = await transaction
    .insertInto('registered_model')
    .values({ dataset_id: datasetId, name, description, owner, created_ms: createdMs })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ description, owner }))
    .returning('id')
    .executeTakeFirstOrThrow()
  const newest = await transaction
    .selectFrom('model_version')
    .select((select) => select.fn.max('version').as('version'))
    .where('model_id', '=', registered.id)
    .executeTakeFirst()
  const version = Number(newest?.version ?? 0) + 1
  const row = await transaction
    .insertInto('model_version')
    .values({
      model_id: registered.id,
      version,
      uri: model.uri,
      kept_digest: model.keptDigest,
      model_type: model.modelType,
      framework_name: model.trainingFramework.name,
      framework_version: model.trainingFramework.version,
      hyperparameters: JSON.stringify(model.hyperparameters),
      labels: JSON.stringify(model.labels),
      last_slot: model.lastSlot,
      created_ms: createdMs,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id: row.id, modelId: registered.id, version }
}

/** All versions of all models, or of those of a dataset, newest first. */
export async function listModelVersions(
  db: Kysely<Tables>,
  datasetId?: number,
): Promise<readonly ModelVersion[]> {
  let query = db
    .selectFrom('model_version')
    .innerJoin('registered_model', 'registered_model.id', 'model_version.model_id')
    .selectAll('model_version')
    .select(['registered_model.dataset_id', 'registered_model.name'])
    .select(['registered_model.description', 'registered_model.owner'])
    .orderBy('model_version.id', 'desc')
  if (datasetId !== undefined) query = query.where('registered_model.dataset_id', '=', datasetId)
  const rows = await query.execute()
  return rows.map((row) => ({
    id: row.id,
    datasetId: row.dataset_id,
    name: row.name,
    description: row.description,
    owner: row.owner,
    version: row.version,
    uri: row.uri,
    keptDigest: row.kept_digest,
    modelType: row.model_type,
    trainingFramework: { name: row.framework_name, version: row.framework_version },
    hyperparameters: JSON.parse(row.hyperparameters) as Json,
    labels: JSON.parse(row.labels) as Json,
    lastSlot: row.last_slot,
    createdMs: row.created_ms,
  }))
}
