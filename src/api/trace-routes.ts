import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import { cancelRun } from '../pipelines/cancel-run.ts'
import { type ExecutionRecord, listExecutions } from '../tracking/executions.ts'
import { artifactsNamed, lineageOf, lineageOfAlert } from '../tracking/lineage.ts'
import { metricsOfRun } from '../tracking/metrics.ts'
import { modelCardPage } from '../tracking/model-card.ts'
import { folderObjects } from '../tracking/objects.ts'
import { listVersions, setAlias, versionOf } from '../tracking/registry.ts'
import { findRun, listRuns, type RunSummary } from '../tracking/runs.ts'
import type { Store } from '../tracking/store.ts'
import { createRunJobs } from './run-jobs.ts'
import { apiError } from './schemas.ts'
import { alertLineage, lineage, modelVersion, runDetail, runSummary } from './trace-schemas.ts'

const failures = { 404: apiError, 422: apiError }
const runId = z.object({ id: z.coerce.number().int() })
const depth = z.coerce.number().int().min(1).max(200).default(20)

/** Runs of pipelines, lineage and registered models. */
export function addTraceRoutes(instance: FastifyInstance, store: Store): void {
  addRunRoutes(instance, store)
  addDrivenRuns(instance, store)
  addLineageRoutes(instance, store)
  addModelRoutes(instance, store)
}

function addRunRoutes(instance: FastifyInstance, store: Store): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  const page = z.object({
    before: z.coerce.number().int().optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  })
  server.get(
    '/api/runs',
    {
      schema: {
        summary: 'Runs of pipelines, newest first.',
        querystring: page,
        response: { 200: z.array(runSummary) },
      },
    },
    async ({ query: { before, limit } }) => {
      const runs = await listRuns(store.db, { limit, ...(before === undefined ? {} : { before }) })
      return runs.map(summaryView)
    },
  )
  server.get(
    '/api/runs/:id',
    {
      schema: {
        summary: 'A run with its graph, the attempts at its steps, and its metrics.',
        params: runId,
        response: { 200: runDetail, ...failures },
      },
    },
    async ({ params: { id } }) => {
      const run = await findRun(store.db, id)
      const executions = (await listExecutions(store.db, id)).map(executionView)
      const metrics = [...(await metricsOfRun(store.db, id))].map(([name, value]) => [
        name,
        Number.isFinite(value) ? value : null,
      ])
      return {
        ...summaryView(run),
        graph: run.graph as never,
        executions,
        metrics: Object.fromEntries(metrics),
      }
    },
  )
  server.get(
    '/api/runs/:id/logs',
    {
      schema: {
        summary: 'What the last attempt at a step printed, as text.',
        params: runId,
        querystring: z.object({ step: z.string() }),
        response: { 200: z.string(), ...failures },
      },
    },
    async ({ params: { id }, query: { step } }, reply) =>
      reply.type('text/plain; charset=utf-8').send(await logOf(store, id, step)),
  )
  server.post(
    '/api/runs/:id/cancel',
    {
      schema: {
        summary: 'Ends a run early, by its runner when there still is one.',
        params: runId,
        response: { 202: z.object({ outcome: z.enum(['asked', 'cancelled', 'ended']) }), ...failures },
      },
    },
    async ({ params: { id } }, reply) => {
      return reply.status(202).send({ outcome: await cancelRun(store, id, Date.now()) })
    },
  )
}

/** Runs that the server drives itself; closing it cancels them, and they may be retried. */
function addDrivenRuns(instance: FastifyInstance, store: Store): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  const runs = createRunJobs(store)
  instance.addHook('onClose', () => runs.close())
  const started = { 202: z.object({ id: z.number() }), ...failures, 409: apiError }
  server.post(
    '/api/runs',
    {
      schema: {
        summary: 'Starts a run of a pipeline that comes with Fiable.',
        body: z.object({
          pipeline: z.string().min(1),
          parameters: z.record(z.string(), z.unknown()).default({}),
        }),
        response: started,
      },
    },
    async ({ body }, reply) =>
      reply
        .status(202)
        .send({ id: await runs.start(body.pipeline, body.parameters as Record<string, Json>) }),
  )
  server.post(
    '/api/runs/:id/retry',
    {
      schema: {
        summary: 'Goes on with a run that failed, was cancelled, or lost its runner.',
        params: runId,
        response: started,
      },
    },
    async ({ params: { id } }, reply) => reply.status(202).send({ id: await runs.retry(id) }),
  )
}

const summaryView = ({ id, pipeline, state, parameters, createdMs, endedMs, error }: RunSummary) => ({
  id,
  pipeline,
  state,
  parameters: parameters as never,
  createdMs,
  endedMs,
  error,
})

const executionView = ({ outputs, ...rest }: ExecutionRecord) => ({
  ...rest,
  artifacts: Object.entries(outputs?.artifacts ?? {}).map(([key, { type, digest, bytes }]) => ({
    key,
    type,
    digest,
    bytes,
  })),
})

async function logOf(store: Store, id: number, step: string): Promise<string> {
  await findRun(store.db, id)
  const last = (await listExecutions(store.db, id)).filter(({ path }) => path === step).at(-1)
  if (!last)
    throw new FiableError('NOT_FOUND', `The run ${id} has no step ${step}.`, 'See the steps of the run.')
  if (last.logDigest === null) return ''
  return readFile(await folderObjects(store.artifacts).pathOf(last.logDigest), 'utf8')
}

function addLineageRoutes(instance: FastifyInstance, { db }: Store): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  server.get(
    '/api/lineage/:digest',
    {
      schema: {
        summary: 'What an artifact was made of, and what was made of it.',
        params: z.object({ digest: z.string().regex(/^[0-9a-f]{4,64}$/) }),
        querystring: z.object({ depth }),
        response: { 200: z.object({ back: lineage, forward: lineage }), ...failures },
      },
    },
    async ({ params, query }) => {
      const ids = await artifactsNamed(db, params.digest)
      const [back, forward] = await Promise.all([
        lineageOf(db, ids, { direction: 'back', depth: query.depth }),
        lineageOf(db, ids, { direction: 'forward', depth: query.depth }),
      ])
      return { back, forward } as never
    },
  )
  server.get(
    '/api/datasets/:name/lineage',
    {
      schema: {
        summary: 'The data, content and past behind a verdict, and what it affects.',
        params: z.object({ name: z.string().min(1) }),
        querystring: z.object({ batch: z.string() }),
        response: { 200: alertLineage, ...failures },
      },
    },
    async ({ params, query }) => {
      const found = await lineageOfAlert(db, params.name, query.batch)
      return {
        ...found,
        baseline: [...found.baseline],
        affects: [...found.affects],
        artifacts: [...found.artifacts],
      }
    },
  )
}

function addModelRoutes(instance: FastifyInstance, { db }: Store): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  const named = z.object({ name: z.string().min(1), version: z.string().min(1) })
  server.get(
    '/api/models',
    {
      schema: { summary: 'Versions of all models, newest first.', response: { 200: z.array(modelVersion) } },
    },
    async () => (await listVersions(db)) as never,
  )
  server.get(
    '/api/models/:name/:version',
    {
      schema: {
        summary: 'One version, by number or alias.',
        params: named,
        response: { 200: modelVersion, ...failures },
      },
    },
    async ({ params }) => (await versionOf(db, params.name, params.version)) as never,
  )
  server.get(
    '/api/models/:name/:version/card',
    {
      schema: {
        summary: 'The model card, as a page.',
        params: named,
        response: { 200: z.string(), ...failures },
      },
    },
    async ({ params }, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .send(modelCardPage(await versionOf(db, params.name, params.version))),
  )
  server.put(
    '/api/models/:name/aliases/:alias',
    {
      schema: {
        summary: 'Lets an alias, such as champion, stand for a version.',
        params: z.object({ name: z.string().min(1), alias: z.string().min(1) }),
        body: z.object({ version: z.number().int() }),
        response: { 200: modelVersion, ...failures },
      },
    },
    async ({ params: { name, alias }, body }) => {
      await setAlias(db, { name, alias, version: body.version, nowMs: Date.now() })
      return (await versionOf(db, name, alias)) as never
    },
  )
}
