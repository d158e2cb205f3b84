import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type AlertBudget, formatAlertBudget } from '../calibration/alert-budget.ts'
import type { Verdict } from '../data/verdict.ts'
import type { NextBatch } from '../monitor/lateness.ts'
import type { BrokenDataset, Dataset } from '../monitor/project.ts'
import { withoutPassword } from '../sources/place-secrets.ts'
import type { Jobs } from './jobs.ts'
import type { Model } from './model.ts'
import {
  apiError,
  type DatasetSummary,
  datasetDetail,
  datasetSummary,
  job,
  series,
  verdictDetail,
} from './schemas.ts'
import { detailView, seriesView, summaryView } from './views.ts'

const name = z.object({ name: z.string().min(1) })
const failures = { 404: apiError, 422: apiError }

/** Datasets, their verdicts, one verdict in full, the metrics over time, and the start of a check. */
export function addDatasetRoutes(instance: FastifyInstance, model: Model, jobs: Jobs): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  const summarise = async (dataset: Dataset): Promise<DatasetSummary> =>
    datasetView(dataset, await standOf(model, dataset.name), jobs)

  server.get(
    '/api/datasets',
    { schema: { summary: 'All datasets under watch.', response: { 200: z.array(datasetSummary) } } },
    async () => {
      const readable = await Promise.all((await model.datasets()).map(summarise))
      const all = [...readable, ...(await model.brokenDatasets()).map(brokenView)]
      return all.sort((a, b) => (a.name < b.name ? -1 : 1))
    },
  )
  server.get(
    '/api/datasets/:name',
    {
      schema: {
        summary: 'A dataset with the verdict of every batch, in the order of arrival.',
        params: name,
        response: { 200: datasetDetail, ...failures },
      },
    },
    async ({ params }) => {
      const stand = await standOf(model, params.name)
      const dataset = (await model.datasets()).find((candidate) => candidate.name === params.name)!
      return { ...datasetView(dataset, stand, jobs), verdicts: stand.verdicts.map(summaryView) }
    },
  )
  server.get(
    '/api/datasets/:name/verdict',
    {
      schema: {
        summary: 'One verdict with its findings and the rows behind them.',
        params: name,
        querystring: z.object({ batch: z.string() }),
        response: { 200: verdictDetail, ...failures },
      },
    },
    async ({ params, query }) => detailView(await model.verdict(params.name, query.batch)),
  )
  server.get(
    '/api/datasets/:name/series',
    {
      schema: {
        summary: 'Metrics over time with their limits: the most surprising of each column first.',
        params: name,
        querystring: seriesQuery,
        response: { 200: z.array(series), ...failures },
      },
    },
    async ({ params, query }) => chooseSeries(await model.series(params.name), query).map(seriesView),
  )
  server.post(
    '/api/datasets/:name/check',
    {
      schema: {
        summary: 'Judges what is new; progress follows on /api/events.',
        params: name,
        response: { 202: job, ...failures },
      },
    },
    async ({ params }, reply) => {
      await model.verdicts(params.name)
      return reply.status(202).send(jobs.start(params.name))
    },
  )
}

/** A dataset as it stands at this moment. */
interface Stand {
  readonly atMost: AlertBudget
  readonly verdicts: readonly Verdict[]
  readonly next: NextBatch | null
}

async function standOf(model: Model, called: string): Promise<Stand> {
  const { atMost } = await model.sensitivity(called)
  return { atMost, verdicts: await model.verdicts(called), next: await model.next(called) }
}

function datasetView(
  { name: called, declaration }: Dataset,
  { atMost, verdicts, next }: Stand,
  jobs: Jobs,
): DatasetSummary {
  const latest = verdicts.at(-1)
  return {
    name: called,
    error: null,
    atMost: formatAlertBudget(atMost),
    data: [declaration.data].flat().map(withoutPassword),
    batches: verdicts.length,
    alerts: verdicts.filter((verdict) => verdict.status === 'alert').length,
    latest: latest ? summaryView(latest) : null,
    next: next && { dimension: 'completeness', ...next },
    job: jobs.of(called),
  }
}

const brokenView = ({ name: called, error: { code, message, fix } }: BrokenDataset): DatasetSummary => ({
  name: called,
  error: { code, message, fix },
  atMost: '',
  data: [],
  batches: 0,
  alerts: 0,
  latest: null,
  next: null,
  job: null,
})

const seriesQuery = z.object({
  dimension: z.enum(['conformity', 'uniqueness', 'completeness', 'integrity', 'consistency']).optional(),
  column: z.string().optional(),
  key: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(24),
})

function chooseSeries(all: Awaited<ReturnType<Model['series']>>, query: z.infer<typeof seriesQuery>) {
  const wanted = all.filter(
    ({ key, metric }) =>
      (query.key === undefined || key === query.key) &&
      (query.dimension === undefined || metric.dimension === query.dimension) &&
      (query.column === undefined || metric.columns.includes(query.column)),
  )
  const peakOf = (points: (typeof all)[number]['points']): number =>
    points.reduce((peak, point) => Math.max(peak, point.surprise), 0)
  const ranked = wanted
    .map((history) => ({ history, peak: peakOf(history.points) }))
    .sort((a, b) => b.peak - a.peak)
  return oneOfEachFirst(ranked.map(({ history }) => history)).slice(0, query.limit)
}

/** The best of every column or pair, then the second of each, and so on: one fault must not fill the whole list. */
function oneOfEachFirst(ranked: Awaited<ReturnType<Model['series']>>): Awaited<ReturnType<Model['series']>> {
  const seen = new Map<string, number>()
  const rounds = ranked.map((history) => {
    const round = seen.get(history.metric.instance) ?? 0
    seen.set(history.metric.instance, round + 1)
    return { history, round }
  })
  return rounds.sort((a, b) => a.round - b.round).map(({ history }) => history)
}
