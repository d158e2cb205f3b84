import { z } from 'zod'
import { executionStates } from '../tracking/trace-schema.ts'

/** What the API says of runs, lineage and models; times are epoch milliseconds. */
const state = z.enum(executionStates)
/** Any JSON; not spelled out, because a schema of itself has no name that OpenAPI could point to. */
const json = z.unknown()

export const runSummary = z.object({
  id: z.number(),
  pipeline: z.string(),
  state,
  parameters: z.record(z.string(), json),
  createdMs: z.number(),
  endedMs: z.number().nullable(),
  error: z.string().nullable(),
})

export const execution = z.object({
  id: z.number(),
  path: z.string(),
  attempt: z.number(),
  component: z.string(),
  version: z.string(),
  codeVersion: z.string(),
  state,
  host: z.string(),
  startedMs: z.number().nullable(),
  endedMs: z.number().nullable(),
  error: z.string().nullable(),
  cachedFrom: z.number().nullable(),
  artifacts: z.array(z.object({ key: z.string(), type: z.string(), digest: z.string(), bytes: z.number() })),
})

export const runDetail = runSummary.extend({
  graph: json,
  executions: z.array(execution),
  metrics: z.record(z.string(), z.number().nullable()),
})

export const lineage = z.object({
  artifacts: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      name: z.string(),
      digest: z.string(),
      uri: z.string(),
      bytes: z.number(),
      rows: z.number().nullable(),
      metadata: json,
    }),
  ),
  executions: z.array(
    z.object({
      id: z.number(),
      runId: z.number(),
      path: z.string(),
      component: z.string(),
      version: z.string(),
      codeVersion: z.string(),
      state,
      host: z.string(),
      startedMs: z.number().nullable(),
      endedMs: z.number().nullable(),
    }),
  ),
  events: z.array(
    z.object({
      execution: z.number(),
      artifact: z.number(),
      type: z.enum(['INPUT', 'OUTPUT']),
      key: z.string(),
    }),
  ),
  isCut: z.boolean(),
})

export const alertLineage = z.object({
  dataset: z.string(),
  batch: z.string(),
  revision: z.number(),
  input: z.object({ uri: z.string(), contentHash: z.string(), rows: z.number() }),
  outputs: z.object({ profileDigest: z.string(), sampleDigest: z.string() }),
  judgedMs: z.number(),
  baseline: z.array(z.object({ batch: z.string(), contentHash: z.string(), profileDigest: z.string() })),
  rowModel: z
    .object({
      name: z.string(),
      version: z.number(),
      digest: z.string(),
      executionId: z.number().nullable(),
    })
    .nullable(),
  affects: z.array(z.string()),
  artifacts: z.array(z.number()),
})

export const modelVersion = z.object({
  name: z.string(),
  version: z.number(),
  description: z.string(),
  owner: z.string(),
  uri: z.string(),
  modelType: z.string(),
  trainingFramework: z.object({ name: z.string(), version: z.string() }),
  hyperparameters: json,
  labels: json,
  metrics: z.record(z.string(), z.number()),
  signature: json,
  aliases: z.array(z.string()),
  createdMs: z.number(),
})

export type RunView = z.infer<typeof runSummary>
export type RunDetailView = z.infer<typeof runDetail>
export type ExecutionView = z.infer<typeof execution>
export type ModelVersionView = z.infer<typeof modelVersion>
