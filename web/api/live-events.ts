import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ApiEvent, DatasetSummary, Job, VerdictSummary } from '../../src/api/schemas.ts'
import { datasetQuery, datasetsQuery } from './queries.ts'
import { withVerdicts } from './with-verdicts.ts'

export type Connection = 'connecting' | 'open' | 'lost'

/** Events are applied together: a fast check judges more batches a second than a screen shows. */
const GATHER_MS = 100
/** While batches arrive, metrics over time are read again at most this often: they are the largest answer. */
const SERIES_EVERY_MS = 5000
const RECONNECT_MS = 2000
/** The server answers with what it read at most a second ago: what was judged meanwhile was announced before we listened. */
const CATCH_UP_MS = 1500

/** Keeps what is shown up to date by the server's event stream, reconnecting when it breaks. */
export function useLiveEvents(): Connection {
  const client = useQueryClient()
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => listen(client, setConnection), [client])
  return connection
}

function listen(client: QueryClient, report: (connection: Connection) => void): () => void {
  const gathered = gatherer(client)
  let source: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let catchUp: ReturnType<typeof setTimeout> | undefined
  let wasLost = false
  const connect = (): void => {
    source = new EventSource('/api/events')
    source.onopen = () => {
      report('open')
      if (wasLost) void client.invalidateQueries()
      wasLost = false
      clearTimeout(catchUp)
      catchUp = setTimeout(() => void client.invalidateQueries({ queryKey: ['dataset'] }), CATCH_UP_MS)
    }
    source.onmessage = ({ data }) => gathered.add(JSON.parse(data) as ApiEvent)
    source.onerror = () => {
      report('lost')
      wasLost = true
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, RECONNECT_MS)
    }
  }
  connect()
  return () => {
    source?.close()
    clearTimeout(retry)
    clearTimeout(catchUp)
    gathered.stop()
  }
}

function gatherer(client: QueryClient): { add(event: ApiEvent): void; stop(): void } {
  let events: ApiEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const refreshSeries = refresherOfSeries(client)
  const flush = (): void => {
    timer = undefined
    const batch = events
    events = []
    for (const dataset of applyEvents(client, batch)) refreshSeries.later(dataset)
  }
  return {
    add(event) {
      events.push(event)
      timer ??= setTimeout(flush, GATHER_MS)
    },
    stop() {
      clearTimeout(timer)
      refreshSeries.stop()
    },
  }
}

/** Reads the metrics of a dataset again, soon but not often. */
function refresherOfSeries(client: QueryClient): { later(dataset: string): void; stop(): void } {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  return {
    later(dataset) {
      if (timers.has(dataset)) return
      const refresh = (): void => {
        timers.delete(dataset)
        void client.invalidateQueries({ queryKey: ['series', dataset] })
      }
      timers.set(dataset, setTimeout(refresh, SERIES_EVERY_MS))
    },
    stop() {
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}

/** Applies events to the cache; returns the datasets that have new verdicts. */
function applyEvents(client: QueryClient, events: readonly ApiEvent[]): ReadonlySet<string> {
  const judged = new Map<string, VerdictSummary[]>()
  const jobs = new Map<string, Job>()
  for (const event of events) {
    if (event.kind === 'job') jobs.set(event.job.dataset, event.job)
    else judged.set(event.dataset, [...(judged.get(event.dataset) ?? []), event.verdict])
  }
  for (const [dataset, verdicts] of judged) applyVerdicts(client, dataset, verdicts)
  for (const job of jobs.values()) applyJob(client, job)
  return new Set(judged.keys())
}

function applyVerdicts(client: QueryClient, dataset: string, verdicts: readonly VerdictSummary[]): void {
  const { queryKey } = datasetQuery(dataset)
  const known = client.getQueryData(queryKey)
  if (known) {
    const updated = withVerdicts(known, verdicts)
    client.setQueryData(queryKey, updated)
    const { verdicts: _, ...summary } = updated
    updateSummary(client, dataset, () => summary)
  } else
    updateSummary(client, dataset, (summary) => ({ ...summary, latest: verdicts.at(-1) ?? summary.latest }))
}

function applyJob(client: QueryClient, job: Job): void {
  const { queryKey } = datasetQuery(job.dataset)
  client.setQueryData(queryKey, (known) => known && { ...known, job })
  updateSummary(client, job.dataset, (known) => ({ ...known, job }))
  if (job.state !== 'running') setTimeout(() => refresh(client, job.dataset), CATCH_UP_MS)
}

function refresh(client: QueryClient, dataset: string): void {
  for (const queryKey of [
    datasetQuery(dataset).queryKey,
    datasetsQuery.queryKey,
    ['series', dataset],
    ['drills', dataset],
    ['incidents', dataset],
    ['what-if', dataset],
  ])
    void client.invalidateQueries({ queryKey })
}

function updateSummary(
  client: QueryClient,
  dataset: string,
  update: (known: DatasetSummary) => DatasetSummary,
): void {
  client.setQueryData(datasetsQuery.queryKey, (known) =>
    known?.map((summary) => (summary.name === dataset ? update(summary) : summary)),
  )
}
