import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { formatSensitivity } from '../calibration/sensitivity.ts'
import type { Dataset } from '../monitor/project.ts'
import type { Outcome, WhatIf } from '../monitor/what-if.ts'
import type { Model } from './model.ts'
import { apiError } from './schemas.ts'
import {
  author,
  type OutcomeView,
  type SensitivityView,
  type SettingsView,
  sensitivity,
  settings,
  type WhatIfView,
  whatIfAnswer,
} from './sensitivity-schemas.ts'

const name = z.object({ name: z.string().min(1) })
const failures = { 404: apiError, 422: apiError }

/** How often people want to be called: in force, earlier versions, what another would have made of the past. */
export function addSensitivityRoutes(instance: FastifyInstance, model: Model): void {
  const server = instance.withTypeProvider<ZodTypeProvider>()
  server.get(
    '/api/datasets/:name/settings',
    {
      schema: {
        summary: 'The sensitivity in force, and who set which before.',
        params: name,
        response: { 200: settings, ...failures },
      },
    },
    async ({ params }) => settingsView(await model.dataset(params.name)),
  )
  server.post(
    '/api/datasets/:name/what-if',
    {
      schema: {
        summary: 'What another sensitivity would have made of the whole history; changes nothing.',
        params: name,
        body: sensitivity,
        response: { 200: whatIfAnswer, ...failures },
      },
    },
    async ({ params, body }) => whatIfView(await model.whatIf(params.name, body)),
  )
  server.put(
    '/api/datasets/:name/sensitivity',
    {
      schema: {
        summary: 'Puts a sensitivity in force, at once for every process that watches the dataset.',
        params: name,
        body: sensitivity.extend({ author }),
        response: { 200: settings, ...failures },
      },
    },
    async ({ params, body: { author: by, ...asked } }) => {
      const dataset = await model.dataset(params.name)
      await dataset.tune(asked, by)
      model.forget(params.name)
      return settingsView(dataset)
    },
  )
  server.post(
    '/api/datasets/:name/settings/revert',
    {
      schema: {
        summary: 'Puts an earlier version in force again, as a new one.',
        params: name,
        body: z.strictObject({ version: z.number().int(), author }),
        response: { 200: settings, ...failures },
      },
    },
    async ({ params, body }) => {
      const dataset = await model.dataset(params.name)
      await dataset.revert(body.version, body.author)
      model.forget(params.name)
      return settingsView(dataset)
    },
  )
}

async function settingsView(dataset: Dataset): Promise<SettingsView> {
  const versions = await dataset.settings()
  return {
    inForce: formatSensitivity(await dataset.sensitivity()) as SensitivityView,
    versions: versions.map(({ sensitivity: of, ...setting }) => ({
      ...setting,
      sensitivity: formatSensitivity(of) as SensitivityView,
    })),
  }
}

const whatIfView = ({ before, after, rung, silenced, batches, fatesBefore, fates }: WhatIf): WhatIfView => ({
  before: outcomeView(before),
  after: outcomeView(after),
  rung: [...rung],
  silenced: [...silenced],
  batches,
  fatesBefore: [...fatesBefore],
  fates: [...fates],
})

const outcomeView = ({ pages, digest, rate, caught, missed }: Outcome): OutcomeView => ({
  pages,
  digest,
  perWeek: rate?.perWeek ?? null,
  caught: [...caught],
  missed: [...missed],
})
