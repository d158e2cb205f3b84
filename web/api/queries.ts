import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { FeedbackAnswer, IncidentActionAsked, IncidentView } from '../../src/api/incident-schemas.ts'
import type {
  DatasetDetail,
  DatasetSummary,
  Drills,
  Job,
  ModelView,
  RootCauseView,
  RowExplanation,
  Series,
  VerdictDetail,
} from '../../src/api/schemas.ts'
import type { SensitivityView, SettingsView, WhatIfView } from '../../src/api/sensitivity-schemas.ts'
import { request, send } from './client.ts'
import { judgedSince, withVerdicts } from './with-verdicts.ts'

/** Metrics shown as small multiples. */
const WATCHED = 24
/** Batches judged by another process are not announced: this is how often they are looked for. */
const LOOK_AGAIN_MS = 15_000

const pathOf = (dataset: string): string => `/api/datasets/${encodeURIComponent(dataset)}`

export const datasetsQuery = queryOptions({
  queryKey: ['datasets'],
  queryFn: ({ signal }) => request<DatasetSummary[]>('/api/datasets', { signal }),
  refetchInterval: LOOK_AGAIN_MS,
})

export const datasetQuery = (dataset: string) =>
  queryOptions({
    queryKey: ['dataset', dataset],
    queryFn: async ({ signal, client }) => {
      const answer = await request<DatasetDetail>(pathOf(dataset), { signal })
      const known = client.getQueryData<DatasetDetail>(['dataset', dataset])
      return withVerdicts(answer, judgedSince(known, answer))
    },
  })

export const verdictQuery = (dataset: string, batch: string, revision: number) =>
  queryOptions({
    queryKey: ['verdict', dataset, batch, revision],
    queryFn: ({ signal }) =>
      request<VerdictDetail>(`${pathOf(dataset)}/verdict?${new URLSearchParams({ batch })}`, { signal }),
    placeholderData: keepPreviousData,
  })

/** The most surprising metrics of a dataset. */
export const watchedQuery = (dataset: string) =>
  queryOptions({
    queryKey: ['series', dataset, 'watched'],
    queryFn: ({ signal }) => request<Series[]>(`${pathOf(dataset)}/series?limit=${WATCHED}`, { signal }),
  })

/** One metric of a dataset; null when it has no history, as for a missing column. */
export const seriesQuery = (dataset: string, key: string) =>
  queryOptions({
    queryKey: ['series', dataset, 'key', key],
    queryFn: async ({ signal }) => {
      const found = await request<Series[]>(`${pathOf(dataset)}/series?${new URLSearchParams({ key })}`, {
        signal,
      })
      return found[0] ?? null
    },
    placeholderData: keepPreviousData,
  })

export const drillsQuery = (dataset: string) =>
  queryOptions({
    queryKey: ['drills', dataset],
    queryFn: ({ signal }) => request<Drills>(`${pathOf(dataset)}/drills`, { signal }),
  })

/** Starts a drill, or a fire drill. */
export const startDrill = (dataset: string, kind: 'drill' | 'fire-drill'): Promise<Job> =>
  request<Job>(`${pathOf(dataset)}/${kind}`, { method: 'POST' })

export const startCheck = (dataset: string): Promise<Job> =>
  request<Job>(`${pathOf(dataset)}/check`, { method: 'POST' })

/** The row models of a dataset, newest first. */
export const modelsQuery = (dataset: string) =>
  queryOptions({
    queryKey: ['models', dataset],
    queryFn: ({ signal }) => request<ModelView[]>(`${pathOf(dataset)}/models`, { signal }),
  })

/** The oddest rows of a batch, explained by the model in service; takes some seconds. */
export const oddRowsQuery = (dataset: string, batch: string, revision: number) =>
  queryOptions({
    queryKey: ['rows', dataset, batch, revision],
    queryFn: ({ signal }) =>
      request<RowExplanation>(`${pathOf(dataset)}/rows?${new URLSearchParams({ batch })}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** What would make a batch normal again; takes some seconds. */
export const rootCausesQuery = (dataset: string, batch: string, revision: number) =>
  queryOptions({
    queryKey: ['causes', dataset, batch, revision],
    queryFn: ({ signal }) =>
      request<RootCauseView[]>(`${pathOf(dataset)}/causes?${new URLSearchParams({ batch })}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Where the last training of a dataset stands. */
export const trainingQuery = (dataset: string) =>
  queryOptions({
    queryKey: ['training', dataset],
    queryFn: ({ signal }) => request<Job | null>(`${pathOf(dataset)}/training`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1000 : false),
  })

export const startTraining = (dataset: string): Promise<Job> =>
  request<Job>(`${pathOf(dataset)}/train`, { method: 'POST' })
/** Incidents of a dataset, newest first, those that are over included. */
export const incidentsQuery = (dataset: string) =>
  queryOptions({
    queryKey: ['incidents', dataset],
    queryFn: ({ signal }) => request<IncidentView[]>(`${pathOf(dataset)}/incidents?all=true`, { signal }),
  })

export const actOnIncident = (
  dataset: string,
  id: string,
  action: IncidentActionAsked,
): Promise<IncidentView> => send<IncidentView>(`${pathOf(dataset)}/incidents/${id}/actions`, 'POST', action)

/** What people say of one batch; null takes it back. */
export const giveFeedback = (
  dataset: string,
  batch: string,
  feedback: FeedbackAnswer['feedback'],
): Promise<FeedbackAnswer> => send<FeedbackAnswer>(`${pathOf(dataset)}/feedback`, 'POST', { batch, feedback })

export const settingsQuery = (dataset: string) =>
  queryOptions({
    queryKey: ['settings', dataset],
    queryFn: ({ signal }) => request<SettingsView>(`${pathOf(dataset)}/settings`, { signal }),
  })

/** What a sensitivity would have made of the past. */
export const whatIfQuery = (dataset: string, asked: SensitivityView) =>
  queryOptions({
    queryKey: ['what-if', dataset, asked],
    queryFn: () => send<WhatIfView>(`${pathOf(dataset)}/what-if`, 'POST', asked),
    placeholderData: keepPreviousData,
  })

export const putSensitivity = (dataset: string, asked: SensitivityView): Promise<SettingsView> =>
  send<SettingsView>(`${pathOf(dataset)}/sensitivity`, 'PUT', asked)

export const revertTo = (dataset: string, version: number): Promise<SettingsView> =>
  send<SettingsView>(`${pathOf(dataset)}/settings/revert`, 'POST', { version })

/** Everything shown of a dataset that a change of sensitivity or feedback decides anew. */
export const decidedKeys = (dataset: string): readonly (readonly string[])[] => [
  ['datasets'],
  ...['dataset', 'series', 'verdict', 'incidents', 'settings', 'what-if'].map((kind) => [kind, dataset]),
]
