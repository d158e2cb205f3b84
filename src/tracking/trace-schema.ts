import type { Generated } from 'kysely'

/** States of a run or an execution, named as OpenLineage names its events. */
export const executionStates = ['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL'] as const

export type ExecutionState = (typeof executionStates)[number]

/** Tables of what was done, in the vocabulary of ML Metadata: contexts hold executions, events tie them to artifacts. */
export interface TraceTables {
  project: { id: Generated<number>; name: string; description: string; created_ms: number }
  context: ContextTable
  run: RunTable
  execution: ExecutionTable
  artifact: ArtifactTable
  event: EventTable
  metric: MetricTable
  model_alias: { model_id: number; alias: string; version: number; set_ms: number }
  model_evidence: ModelEvidenceTable
}

export interface ContextTable {
  id: Generated<number>
  project_id: number
  type: 'pipeline' | 'run'
  name: string
  /** The pipeline of a run. */
  parent_id: number | null
  created_ms: number
}

/** What a runner needs beside the context of type run; `id` is the context's. */
export interface RunTable {
  id: number
  project_id: number
  pipeline: string
  state: ExecutionState
  /** JSON. */
  parameters: string
  /** JSON: the graph as it was when the run began. */
  graph: string
  created_ms: number
  ended_ms: number | null
  error: string | null
  /** Who drives it: host, process and start of the process. */
  owner: string | null
  /** Raised whenever the owner changes: what an earlier owner still writes is refused. */
  epoch: number
  /** Raised by a living owner; only whether it moves is looked at, so that no clock is trusted. */
  beats: number
  cancel_requested: number
}

export interface ExecutionTable {
  id: Generated<number>
  run_id: number
  /** Place in the run, such as `each/3/profile-shard`. */
  path: string
  attempt: number
  component: string
  version: string
  code_version: string
  state: ExecutionState
  host: string
  created_ms: number
  started_ms: number | null
  ended_ms: number | null
  /** JSON. */
  parameters: string
  /** JSON: parameters and artifacts given; null unless complete. */
  outputs: string | null
  error: string | null
  cache_key: string | null
  /** The execution whose outputs stand in. */
  cached_from: number | null
  log_digest: string | null
  /** JSON: CPU time and peak memory. */
  resources: string | null
  /** Null while not measured. */
  energy_kwh: number | null
  owner: string | null
  epoch: number
  beats: number
}

export interface ArtifactTable {
  id: Generated<number>
  project_id: number
  type: string
  name: string
  /** SHA-256, hex. */
  digest: string
  uri: string
  bytes: number
  row_count: number | null
  /** JSON. */
  metadata: string
  created_ms: number
}

export interface EventTable {
  execution_id: number
  artifact_id: number
  type: 'INPUT' | 'OUTPUT'
  key: string
  position: number
}

export interface MetricTable {
  id: Generated<number>
  run_id: number
  execution_id: number
  name: string
  step: number
  /** Null stands for NaN, which SQLite does not keep. */
  value: number | null
  created_ms: number
}

/** What speaks for a model version, beside what it is. */
export interface ModelEvidenceTable {
  version_id: number
  artifact_id: number | null
  execution_id: number | null
  /** JSON: numbers by name. */
  metrics: string
  /** JSON: columns or tensors in and out. */
  signature: string
  scorecard_digest: string | null
}
