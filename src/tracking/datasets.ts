import type { Kysely } from 'kysely'
import type { Json } from '../data/json.ts'
import type { Tables } from './schema.ts'
import { writing } from './sqlite.ts'

/** A dataset as declared. */
export interface DatasetRecord {
  readonly id: number
  readonly name: string
  readonly declaration: Json
}

/** One version of a dataset's settings: the last is in force, the others are its audit. */
export interface SettingRecord {
  readonly version: number
  readonly value: Json
  readonly author: string
  readonly createdMs: number
}

/** Creates the dataset, or updates what it declares. */
export async function declareDataset(
  db: Kysely<Tables>,
  dataset: { readonly name: string; readonly declaration: Json },
  nowMs: number,
): Promise<DatasetRecord> {
  const declaration = JSON.stringify(dataset.declaration)
  const row = await writing(db, (transaction) =>
    transaction
      .insertInto('dataset')
      .values({ name: dataset.name, declaration, created_ms: nowMs })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ declaration }))
      .returning(['id', 'name'])
      .executeTakeFirstOrThrow(),
  )
  return { ...row, declaration: dataset.declaration }
}

/** All datasets, by name. */
export async function listDatasets(db: Kysely<Tables>): Promise<readonly DatasetRecord[]> {
  const rows = await db.selectFrom('dataset').select(['id', 'name', 'declaration']).orderBy('name').execute()
  return rows.map((row) => ({ id: row.id, name: row.name, declaration: JSON.parse(row.declaration) as Json }))
}

/** Adds a version of the settings, unless it says what is already in force. */
export async function saveSetting(
  db: Kysely<Tables>,
  datasetId: number,
  setting: { readonly value: Json; readonly author: string; readonly nowMs: number },
): Promise<void> {
  const value = JSON.stringify(setting.value)
  await writing(db, async (transaction) => {
    const [inForce] = await settingRows(transaction, datasetId).limit(1).execute()
    if (inForce?.value === value) return
    await transaction
      .insertInto('setting')
      .values({ dataset_id: datasetId, value, author: setting.author, created_ms: setting.nowMs })
      .execute()
  })
}

const settingRows = (db: Kysely<Tables>, datasetId: number) =>
  db.selectFrom('setting').selectAll().where('dataset_id', '=', datasetId).orderBy('id', 'desc')

/** Versions of the settings, newest first. */
export async function listSettings(db: Kysely<Tables>, datasetId: number): Promise<readonly SettingRecord[]> {
  const rows = await settingRows(db, datasetId).execute()
  return rows.map((row) => ({
    version: row.id,
    value: JSON.parse(row.value) as Json,
    author: row.author,
    createdMs: row.created_ms,
  }))
}
