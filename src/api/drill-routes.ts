import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CatchRate } from '../evaluation/catch-rate.ts'
import type { FireDrill } from '../evaluation/fire-drill.ts'
import type { LearntWeights } from '../evaluation/learn-weights.ts'
import { readFireDrills, readScorecard, type StoredScorecard } from '../evaluation/scorecard-files.ts'
import type { Jobs } from './jobs.ts'
import type { Model } from './model.ts'
import {
  apiError,
  type CatchRateView,
  type Drills,
  drills,
  type FireDrillView,
  job,
  type ScorecardLineView,
  type ScorecardView,
} from './schemas.ts'

const name = z.object({ name: z.string().min(1) })
const failures = { 404: apiError, 422: apiError }

/** What drills told of a dataset, and their start. */
export function addDrillRoutes(instance: FastifyInstance, model: Model, jobs: Jobs): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  server.get(
    '/api/datasets/:name/drills',
    {
      schema: {
        summary: 'The scorecard of the last drill, weak spots first, and the last fire drill.',
        params: name,
        response: { 200: drills, ...failures },
      },
    },
    async ({ params }): Promise<Drills> => {
      const dataset = await model.dataset(params.name)
      const stored = await readScorecard(dataset)
      const fire = (await readFireDrills(dataset)).at(-1)
      return { scorecard: stored && scorecardView(stored), fire: fire ? fireView(fire) : null }
    },
  )
  for (const [route, kind, summary] of [
    [
      'drill',
      'drill',
      'Spoils shadow copies of the newest batches and writes the scorecard; progress follows on /api/events.',
    ],
    ['fire-drill', 'fire-drill', 'Proves on a shadow copy of the newest batch that the alarm rings.'],
  ] as const)
    server.post(
      `/api/datasets/:name/${route}`,
      { schema: { summary, params: name, response: { 202: job, ...failures } } },
      async ({ params }, reply) => {
        await model.dataset(params.name)
        return reply.status(202).send(jobs.start(params.name, kind))
      },
    )
}

/** What was stored as null was not a number. */
const finite = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? value : null

const rateView = ({ rate, low, high, trials }: Omit<CatchRate, 'hits'>): CatchRateView => ({
  rate: finite(rate),
  low,
  high,
  trials,
})

function scorecardView({ atMs, scorecard }: StoredScorecard): ScorecardView {
  const { batches, overall, falseAlarms, dimensionNamed, columnNamed } = scorecard
  const { lines, delays, notApplicable, hybrid } = scorecard
  return {
    atMs,
    batches,
    overall: rateView(overall),
    falseAlarms: rateView(falseAlarms),
    dimensionNamed: rateView(dimensionNamed),
    columnNamed: rateView(columnNamed),
    lines: lines.map(lineView),
    delays: delays.map(({ corruption, shape, caught, medianBatches }) => ({
      corruption,
      shape,
      caught: rateView(caught),
      medianBatches,
    })),
    hybrid: hybrid ? hybridView(hybrid) : null,
    notApplicable: notApplicable.map(({ corruption, reasons }) => ({ corruption, reasons: [...reasons] })),
  }
}

const hybridView = ({ weights, members, auc }: LearntWeights): ScorecardView['hybrid'] => ({
  weights: { ...weights },
  members: members.map(({ member, weight, gain }) => ({
    member,
    weight,
    gain: { value: finite(gain.value), low: finite(gain.low), high: finite(gain.high) },
  })),
  auc: finite(auc),
})

const lineView = (line: StoredScorecard['scorecard']['lines'][number]): ScorecardLineView => ({
  corruption: line.corruption,
  dimension: line.dimension as ScorecardLineView['dimension'],
  fraction: line.fraction,
  band: [line.band[0], line.band[1]],
  caught: rateView(line.caught),
  columns: line.columns.map(({ column, caught }) => ({ column, caught: rateView(caught) })),
  dimensionNamed: rateView(line.dimensionNamed),
  columnNamed: rateView(line.columnNamed),
  rocAuc: finite(line.rocAuc.value),
})

const fireView = ({ atMs, batch, rang, trials }: FireDrill): FireDrillView => ({
  atMs,
  batch,
  rang,
  trials: trials.map(({ dimension, corruption, columns, rang: heard }) => ({
    dimension,
    corruption,
    columns: [...columns],
    rang: heard,
  })),
})
