import type { Generated } from 'kysely'
import type { TraceTables } from './trace-schema.ts'

/** Version of the store's tables; a store of a newer version is refused, an older one migrated. */
export const STORE_VERSION = 4

/** Times are epoch milliseconds, booleans 0/1, JSON text; digests name artifacts. */
export interface Tables extends TraceTables {
  meta: { key: string; value: string }
  dataset: { id: Generated<number>; name: string; declaration: string; created_ms: number }
  setting: { id: Generated<number>; dataset_id: number; value: string; author: string; created_ms: number }
  series: { id: Generated<number>; dataset_id: number; key: string; description: string }
  batch: BatchTable
  score: ScoreTable
  registered_model: RegisteredModelTable
  model_version: ModelVersionTable
  action: ActionTable
  feedback: FeedbackTable
}

/** A model under one name, whatever its version. */
export interface RegisteredModelTable {
  id: Generated<number>
  dataset_id: number
  name: string
  description: string
  owner: string
  created_ms: number
}

/** One trained version of a model. */
export interface ModelVersionTable {
  id: Generated<number>
  model_id: number
  /** 1, 2, … */
  version: number
  /** Where the file is: `artifact:` and its SHA-256. */
  uri: string
  /** Sample of the reference rows that similar rows are named from; null when the model has none. */
  kept_digest: string | null
  model_type: string
  framework_name: string
  framework_version: string
  /** JSON. */
  hyperparameters: string
  /** JSON. */
  labels: string
  /** Highest slot among the batches learnt from: later ones are out of sample. */
  last_slot: number
  created_ms: number
}

/** What people did about batches and incidents; only ever added to. */
export interface ActionTable {
  id: Generated<number>
  dataset_id: number
  kind: string
  /** Null for what is about a single batch. */
  incident: string | null
  /** JSON. */
  value: string
  author: string
  created_ms: number
}

/** What an action says of one batch; only ever added to. */
export interface FeedbackTable {
  id: Generated<number>
  action_id: number
  batch_id: number
  /** Null takes back the one before. */
  value: string | null
}

export interface BatchTable {
  id: Generated<number>
  dataset_id: number
  key: string
  /** 1 for the first content seen under the key, then 2, … */
  revision: number
  /** Place in the order of arrival; a later revision keeps the place of the first. */
  slot: number
  start_ms: number | null
  end_ms: number | null
  uri: string
  content_hash: string
  bytes: number | null
  modified_ms: number | null
  rows: number
  profile_digest: string
  sample_digest: string
  judged_ms: number
  /** 0 when a later revision replaced it. */
  is_current: number
  /** 1 while the batch is part of what is held for normal. */
  in_baseline: number
  label: string | null
}

/** Scores as measured, never verdicts: those are a replay under the settings in force. */
export interface ScoreTable {
  batch_id: number
  /** Series ids, Float64 little-endian. */
  series: Uint8Array
  /** Field by field, Float64 little-endian, `fields` of them for each series. */
  numbers: Uint8Array
  /** JSON array of field names. */
  fields: string
  /** JSON: summary scores and absolute findings, as the monitor wrote them. */
  summary: string
}
