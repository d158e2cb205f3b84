import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react'
import type { DatasetDetail, DatasetSummary } from '../../src/api/schemas.ts'
import { datasetQuery, startCheck } from '../api/queries.ts'
import { DimensionCharts } from '../charts/dimension-charts.tsx'
import type { Span } from '../charts/keep-extremes.ts'
import { timelineOf } from '../charts/timeline.ts'
import { IncidentsCard } from '../incidents/incidents-card.tsx'
import { useWords } from '../language/words.tsx'
import { SensitivityCard } from '../sensitivity/sensitivity-card.tsx'
import { Failure, Loading, Notice } from '../shell/notices.tsx'
import type { Selection } from '../state/selection.ts'
import { BatchDetail } from './batch-detail.tsx'
import { BatchList } from './batch-list.tsx'
import { ChartLegend } from './chart-legend.tsx'
import { MetricsWatched } from './metrics-watched.tsx'
import { StateSentence } from './state-sentence.tsx'

/** Last on the page, and loaded after the rest of it. */
const DrillsCard = lazy(async () => ({ default: (await import('../drills/drills-card.tsx')).DrillsCard }))

interface DatasetPageProps {
  readonly summary: DatasetSummary
  readonly selection: Selection
  select(change: Partial<Selection>): void
}

/** One dataset: its state in words, its five charts, its batches, and the batch looked at. */
export function DatasetPage(props: DatasetPageProps) {
  const { summary } = props
  const words = useWords()
  const query = useQuery(datasetQuery(summary.name))
  useLookAgain(summary, query.data)
  if (query.data) return <Shown {...props} dataset={query.data} />
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return <Loading what={words.say('loading.dataset', { dataset: summary.name })} />
}

/** Another process may have judged batches: the list of datasets then knows of more than the page shows. */
function useLookAgain(summary: DatasetSummary, shown: DatasetDetail | undefined): void {
  const client = useQueryClient()
  const isBehind =
    shown !== undefined &&
    (summary.batches !== shown.batches || (summary.latest?.judgedMs ?? 0) > (shown.latest?.judgedMs ?? 0))
  useEffect(() => {
    if (!isBehind) return
    void client.invalidateQueries({ queryKey: datasetQuery(summary.name).queryKey })
    for (const kind of ['series', 'incidents', 'what-if'])
      void client.invalidateQueries({ queryKey: [kind, summary.name] })
  }, [client, isBehind, summary.name])
}

function Shown({
  summary,
  dataset,
  selection,
  select,
}: DatasetPageProps & { readonly dataset: DatasetDetail }) {
  const { name, verdicts } = dataset
  const timeline = useMemo(() => timelineOf(verdicts), [verdicts])
  const [range, setRange] = useState<Span | null>(null)
  // The five charts follow the brush at once; the metric below may come a frame later.
  const laterRange = useDeferredValue(range)
  const newestAlert = timeline.alerted.at(-1)
  const chosen = selection.batch === null ? undefined : timeline.places.get(selection.batch)
  const place = chosen ?? newestAlert ?? verdicts.length - 1
  const verdict = verdicts[place]
  const selectBatch = useCallback((batch: string) => select({ batch, metric: null }), [select])
  const selectPlace = useCallback((at: number) => selectBatch(verdicts[at]!.batch), [selectBatch, verdicts])
  const isFollowing = selection.batch === null
  const shownBatch = verdict?.batch ?? null
  const selectMetric = useCallback(
    (metric: string) => select(isFollowing ? { metric, batch: shownBatch } : { metric }),
    [select, isFollowing, shownBatch],
  )
  const openMetric = useCallback(
    (metric: string) => {
      selectMetric(metric)
      showDetail()
    },
    [selectMetric],
  )
  return (
    <>
      <header className="dataset-head">
        <h1>{name}</h1>
        <CheckButton dataset={dataset} />
        <StateSentence dataset={dataset} next={summary.next} />
      </header>
      {dataset.job?.state === 'failed' && dataset.job.error && <JobFailure error={dataset.job.error} />}
      {verdict ? (
        <div className="dataset">
          <section className="card dimensions-card" aria-labelledby="dimensions-title">
            <DimensionsHead />
            <DimensionCharts
              timeline={timeline}
              range={range}
              selected={place}
              onRange={setRange}
              onSelect={selectPlace}
            />
          </section>
          <BatchList verdicts={verdicts} selected={verdict.batch} onSelect={selectBatch} />
          <IncidentsCard dataset={name} timeline={timeline} onSelect={selectBatch} />
          <BatchDetail
            dataset={name}
            timeline={timeline}
            verdict={verdict}
            metric={selection.metric}
            range={laterRange}
            onMetric={selectMetric}
            onSelect={selectBatch}
          />
          <MetricsWatched dataset={name} selected={selection.metric} onSelect={openMetric} />
          <SensitivityCard dataset={name} verdicts={verdicts} />
          <Suspense fallback={null}>
            <DrillsCard dataset={name} job={dataset.job} />
          </Suspense>
        </div>
      ) : (
        <Waiting dataset={dataset} />
      )}
    </>
  )
}

function showDetail(): void {
  const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  document
    .getElementById('batch-detail')
    ?.scrollIntoView({ behavior: isCalm ? 'instant' : 'smooth', block: 'nearest' })
}

function DimensionsHead() {
  const words = useWords()
  return (
    <header className="card-head">
      <div>
        <h2 id="dimensions-title">{words.say('dimensions.title')}</h2>
        <p className="muted">{words.say('dimensions.about')}</p>
      </div>
      <ChartLegend kinds={['limit', 'alert', 'still', 'unjudged', 'provisional']} />
    </header>
  )
}

function JobFailure({ error }: { readonly error: NonNullable<NonNullable<DatasetDetail['job']>['error']> }) {
  const words = useWords()
  return <Notice title={words.say('job.failed')} message={error.message} fix={error.fix} />
}

function CheckButton({ dataset: { name, job } }: { readonly dataset: DatasetDetail }) {
  const words = useWords()
  const check = useMutation({ mutationFn: () => startCheck(name) })
  const isRunning = (job?.state === 'running' && job.kind === 'check') || check.isPending
  return (
    <div className="check">
      <button type="button" className="primary" disabled={isRunning} onClick={() => check.mutate()}>
        {words.say(isRunning ? 'check.running' : 'check.now')}
      </button>
      {check.error && <p role="alert">{`${words.say('check.refused')} ${check.error.message}`}</p>}
    </div>
  )
}

function Waiting({ dataset: { data, job } }: { readonly dataset: DatasetDetail }) {
  const words = useWords()
  return (
    <section className="card welcome">
      <h2>{words.say('waiting.title')}</h2>
      <p>
        {job?.state === 'running'
          ? words.say('waiting.about')
          : words.say('waiting.idle', { data: data.join(', ') })}
      </p>
    </section>
  )
}
