import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { datasetNamed, type Project } from '../monitor/project.ts'
import type { RootCause } from '../monitor/root-cause.ts'
import { modelInService, noModel } from '../row-models/model-of-dataset.ts'
import { listModelVersions, type ModelVersion } from '../tracking/models.ts'
import type { RowModelJobs } from './row-model-jobs.ts'
import {
  apiError,
  job,
  type ModelView,
  modelView,
  type RootCauseView,
  rootCause,
  rowExplanation,
} from './schemas.ts'

const name = z.object({ name: z.string().min(1) })
const failures = { 404: apiError, 422: apiError }

/** Row models: what is trained, the start of a training, and the oddest rows of a batch. */
export function addRowModelRoutes(instance: FastifyInstance, project: Project, jobs: RowModelJobs): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  const { store } = project
  server.get(
    '/api/datasets/:name/models',
    {
      schema: {
        summary: 'The row models of a dataset, newest first.',
        params: name,
        response: { 200: z.array(modelView), ...failures },
      },
    },
    async ({ params }) => {
      const { id } = await datasetNamed(project, params.name)
      return (await listModelVersions(store.db, id)).map(viewOf)
    },
  )
  server.post(
    '/api/datasets/:name/train',
    {
      schema: {
        summary: 'Trains a row model on the batches held for normal, as a run of the pipeline `train`.',
        params: name,
        response: { 202: job, ...failures },
      },
    },
    async ({ params }, reply) => {
      const { id, name } = await datasetNamed(project, params.name)
      return reply.status(202).send(jobs.train({ id, name }))
    },
  )
  server.get(
    '/api/datasets/:name/training',
    {
      schema: {
        summary: 'Where the last training stands; null before the first.',
        params: name,
        response: { 200: job.nullable(), ...failures },
      },
    },
    async ({ params }) => jobs.training((await datasetNamed(project, params.name)).name),
  )
  server.get(
    '/api/datasets/:name/causes',
    {
      schema: {
        summary:
          'What would make a batch normal again: rows that share one or two values, or a column, most convincing first.',
        params: name,
        querystring: z.object({ batch: z.string() }),
        response: { 200: z.array(rootCause), ...failures },
      },
    },
    async ({ params, query: { batch } }) => {
      const dataset = await datasetNamed(project, params.name)
      const verdict = (await dataset.verdicts()).find((each) => each.batch === batch)
      const asOf = JSON.stringify([verdict?.judgedMs, verdict?.threshold])
      return (await jobs.causes(params.name, { batch, asOf })).map(causeView)
    },
  )
  server.get(
    '/api/datasets/:name/rows',
    {
      schema: {
        summary: 'The oddest rows of a batch, with the cells at fault, what was expected, and rows alike.',
        params: name,
        querystring: z.object({
          batch: z.string(),
          rows: z.coerce.number().int().min(1).max(1000).default(10),
        }),
        response: { 200: rowExplanation, ...failures },
      },
    },
    async ({ params, query }) => {
      const { id } = await datasetNamed(project, params.name)
      const version = await modelInService(store, id)
      if (!version) throw noModel(params.name)
      return jobs.explain(params.name, { ...query, version: version.version }) as Promise<
        z.infer<typeof rowExplanation>
      >
    },
  )
}

const causeView = ({ conditions, columns, ...cause }: RootCause): RootCauseView => ({
  ...cause,
  conditions: conditions.map((condition) => ({ ...condition })),
  columns: [...columns],
})

const viewOf = ({
  id: _,
  datasetId: __,
  keptDigest: ___,
  lastSlot: ____,
  ...version
}: ModelVersion): ModelView => ({
  ...version,
  hyperparameters: version.hyperparameters as ModelView['hyperparameters'],
  labels: version.labels as ModelView['labels'],
})
