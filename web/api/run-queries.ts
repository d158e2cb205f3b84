import { queryOptions } from '@tanstack/react-query'
import type { ModelVersionView, RunDetailView, RunView } from '../../src/api/trace-schemas.ts'
import { request, requestText } from './client.ts'

/** What goes on is looked at this often, and what has ended, in case somebody retries it elsewhere. */
const WHILE_OPEN_MS = 1000
const LOOK_AGAIN_MS = 15_000

type State = RunView['state']

/** Whether a run or a step has yet to end. */
export const isOpen = (state: State): boolean => state === 'START' || state === 'RUNNING'

const lookAgainMs = (states: readonly State[]): number =>
  states.some(isOpen) ? WHILE_OPEN_MS : LOOK_AGAIN_MS

/** Everything shown of runs. */
export const runsKey = ['runs'] as const

/** Runs of pipelines, newest first, at most `limit`. */
export const runsQuery = (limit: number) =>
  queryOptions({
    queryKey: [...runsKey, 'list', limit],
    queryFn: ({ signal }) => request<RunView[]>(`/api/runs?limit=${limit}`, { signal }),
    refetchInterval: ({ state }) => lookAgainMs((state.data ?? []).map((run) => run.state)),
  })

/** A run with the attempts at its steps. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: [...runsKey, 'one', id],
    queryFn: ({ signal }) => request<RunDetailView>(pathOf(id), { signal }),
    refetchInterval: ({ state }) => (state.data ? lookAgainMs([state.data.state]) : false),
  })

/** What one attempt at a step printed; it is kept once the attempt has ended, so that it does not change. */
export const logQuery = (
  id: number,
  { execution, step }: { readonly execution: number; readonly step: string },
) =>
  queryOptions({
    queryKey: ['log', id, execution],
    queryFn: ({ signal }) => requestText(`${pathOf(id)}/logs?${new URLSearchParams({ step })}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Ends a run early. */
export const cancelRun = (id: number): Promise<unknown> => request(`${pathOf(id)}/cancel`, { method: 'POST' })

/** Goes on with a run that did not end well. */
export const retryRun = (id: number): Promise<unknown> => request(`${pathOf(id)}/retry`, { method: 'POST' })

const pathOf = (id: number | string): string => `/api/runs/${encodeURIComponent(id)}`

/** Versions of all registered models, newest first. */
export const registeredQuery = queryOptions({
  queryKey: [...runsKey, 'models'],
  queryFn: ({ signal }) => request<ModelVersionView[]>('/api/models', { signal }),
  refetchInterval: LOOK_AGAIN_MS,
})
