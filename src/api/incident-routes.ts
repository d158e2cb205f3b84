import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Explanation } from '../monitor/explain.ts'
import { type HandledIncident, isActive } from '../monitor/incident-actions.ts'
import type { Dataset } from '../monitor/project.ts'
import {
  type ExplanationView,
  explanation,
  feedbackAnswer,
  feedbackAsked,
  type IncidentView,
  incident,
  incidentAction,
} from './incident-schemas.ts'
import type { Model } from './model.ts'
import { apiError } from './schemas.ts'
import { causeView, findingView, summaryView } from './views.ts'

const name = z.object({ name: z.string().min(1) })
const nameAndId = name.extend({ id: z.string().min(4) })
const failures = { 404: apiError, 409: apiError, 422: apiError }

/** Incidents, what to do about them, feedback on batches, and why a batch was judged so. */
export function addIncidentRoutes(instance: FastifyInstance, model: Model): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  server.get(
    '/api/incidents',
    {
      schema: {
        summary: 'What goes on in all datasets, newest first.',
        querystring: scope,
        response: { 200: z.array(incident) },
      },
    },
    async ({ query }) => {
      const found = await Promise.all((await model.datasets()).map(({ name: of }) => model.incidents(of)))
      return shown(found.flat(), query)
    },
  )
  server.get(
    '/api/datasets/:name/incidents',
    {
      schema: {
        summary: 'Alerts grouped by cause, newest first, with what people did about them.',
        params: name,
        querystring: scope,
        response: { 200: z.array(incident), ...failures },
      },
    },
    async ({ params, query }) => shown(await model.incidents(params.name), query),
  )
  server.get(
    '/api/datasets/:name/incidents/:id',
    { schema: { summary: 'One incident.', params: nameAndId, response: { 200: incident, ...failures } } },
    async ({ params }) => incidentView(await model.incident(params.name, params.id)),
  )
  server.post(
    '/api/datasets/:name/incidents/:id/actions',
    {
      schema: {
        summary:
          'Resolves, reopens, snoozes, assigns or comments an incident, or says what its batches were.',
        params: nameAndId,
        body: incidentAction,
        response: { 200: incident, ...failures },
      },
    },
    async ({ params, body }) => {
      await actOn(await model.dataset(params.name), params.id, body)
      model.forget(params.name)
      return incidentView(await model.incident(params.name, params.id))
    },
  )
  server.post(
    '/api/datasets/:name/feedback',
    {
      schema: {
        summary: 'Says what a batch was: expected, a false alarm, or really bad; null takes that back.',
        params: name,
        body: feedbackAsked,
        response: { 200: feedbackAnswer, ...failures },
      },
    },
    async ({ params, body }) => {
      const dataset = await model.dataset(params.name)
      const given = await dataset.giveFeedback(body.batch, body.feedback, body.author)
      model.forget(params.name)
      return { ...given, batches: [...given.batches], replaced: [...given.replaced] }
    },
  )
  server.get(
    '/api/datasets/:name/explanation',
    {
      schema: {
        summary: 'Why a batch was judged so: metrics ranked, and SQL for the rows at fault.',
        params: name,
        querystring: z.object({
          batch: z.string().optional(),
          limit: z.coerce.number().int().min(1).max(500).default(12),
        }),
        response: { 200: explanation, ...failures },
      },
    },
    async ({ params, query }) =>
      explanationView(await (await model.dataset(params.name)).explain(query.batch, query.limit)),
  )
}

const scope = z.object({ all: z.enum(['true', 'false']).default('false') })

const shown = (incidents: readonly HandledIncident[], { all }: z.infer<typeof scope>): IncidentView[] =>
  incidents
    .filter((each) => all === 'true' || isActive(each))
    .sort((a, b) => b.lastMs - a.lastMs)
    .map(incidentView)

async function actOn(
  dataset: Dataset,
  id: string,
  { author, ...action }: z.infer<typeof incidentAction>,
): Promise<void> {
  if (action.kind === 'feedback') await dataset.giveIncidentFeedback(id, action.feedback, author)
  else await dataset.act(id, action, author)
}

function incidentView(of: HandledIncident): IncidentView {
  const { state: _, column: __, dimension: ___, worsenedMs: ____, finding, ...view } = of
  return {
    ...view,
    isActive: isActive(of),
    cause: finding && causeView(finding),
    columns: [...of.columns],
    dimensions: [...of.dimensions],
    batches: [...of.batches],
    worsened: [...of.worsened],
    actions: of.actions.map((action) => ({ ...action })),
  }
}

const explanationView = ({ verdict, metrics, rows, incidents }: Explanation): ExplanationView => ({
  verdict: summaryView(verdict),
  metrics: metrics.map(findingView),
  rows: rows.map((each) => ({ ...each })),
  incidents: incidents.map(incidentView),
})
