import { useQuery } from '@tanstack/react-query'
import { memo, type ReactNode, useMemo } from 'react'
import type { FindingDetail, Series, VerdictDetail, VerdictSummary } from '../../src/api/schemas.ts'
import { seriesQuery, verdictQuery } from '../api/queries.ts'
import type { Span } from '../charts/keep-extremes.ts'
import { MetricChart } from '../charts/metric-chart.tsx'
import { dimensions, type Timeline } from '../charts/timeline.ts'
import { isContinued } from '../language/server-sentence.ts'
import { useWords } from '../language/words.tsx'
import { Failure, Loading } from '../shell/notices.tsx'
import { StatusMark } from '../shell/status-mark.tsx'
import { BatchFeedback } from './batch-feedback.tsx'
import { ChartLegend } from './chart-legend.tsx'
import { EvidenceTable } from './evidence-table.tsx'
import { FindingsList } from './findings-list.tsx'
import { mergeTwins } from './merge-twins.ts'
import { OddRows } from './odd-rows.tsx'
import { RootCauses } from './root-causes.tsx'

interface BatchDetailProps {
  readonly dataset: string
  readonly timeline: Timeline
  readonly verdict: VerdictSummary
  /** Key of the metric looked at; the first finding's when null. */
  readonly metric: string | null
  readonly range: Span | null
  onMetric(key: string): void
  onSelect(batch: string): void
}

/** One batch: its verdict per dimension, what is unusual in it, and the rows and the history behind that. */
export const BatchDetail = memo(function BatchDetail(props: BatchDetailProps) {
  const { dataset, timeline, verdict, onSelect } = props
  const words = useWords()
  const query = useQuery(verdictQuery(dataset, verdict.batch, verdict.judgedMs))
  const place = timeline.places.get(verdict.batch) ?? -1
  const previous = timeline.alerted.findLast((alert) => alert < place)
  const next = timeline.alerted.find((alert) => alert > place)
  return (
    <section className="card batch-detail" aria-labelledby="batch-title" id="batch-detail">
      <header className="card-head">
        <div className="batch-title">
          <h2 id="batch-title">
            <StatusMark status={verdict.status} isContinued={isContinued(verdict.reason)} />{' '}
            {words.batch(verdict)}
          </h2>
          <p className="muted">
            <code>{verdict.batch}</code> · {words.say('batches.rows', { count: verdict.rows })}
            {verdict.revision > 1 && ` · ${words.say('batch.revision', { revision: verdict.revision })}`}
            {verdict.provisional && ` · ${words.say('chart.provisional')}`}
          </p>
        </div>
        <div className="pair">
          <Step name={words.say('batch.previousAlert')} to={previous} sign="‹" {...{ timeline, onSelect }} />
          <Step name={words.say('batch.nextAlert')} to={next} sign="›" {...{ timeline, onSelect }} />
        </div>
      </header>
      <p className={`batch-reason is-${verdict.status}`}>
        {verdict.label && <span className="note">⚑ {words.told(verdict.label, 'note')}</span>}
        {words.reason(verdict)}
      </p>
      <DimensionVerdicts verdict={verdict} />
      <BatchFeedback key={verdict.batch} dataset={dataset} verdict={verdict} />
      {query.data ? (
        <div className={query.isPlaceholderData ? 'stale' : undefined} aria-busy={query.isPlaceholderData}>
          <Findings {...props} detail={query.data} />
        </div>
      ) : query.error ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Loading what={words.say('loading.verdict')} />
      )}
      <RootCauses dataset={dataset} verdict={verdict} />
      <OddRows dataset={dataset} verdict={verdict} />
    </section>
  )
})

interface StepProps {
  readonly name: string
  readonly sign: string
  readonly to: number | undefined
  readonly timeline: Timeline
  onSelect(batch: string): void
}

function Step({ name, sign, to, timeline, onSelect }: StepProps) {
  const target = to === undefined ? undefined : timeline.verdicts[to]
  return (
    <button
      type="button"
      aria-label={name}
      title={name}
      disabled={!target}
      onClick={() => target && onSelect(target.batch)}
    >
      ◆ {sign}
    </button>
  )
}

function DimensionVerdicts({ verdict }: { readonly verdict: VerdictSummary }) {
  const words = useWords()
  return (
    <ul className="dimension-verdicts">
      {dimensions.map((dimension) => {
        const { status, score } = verdict.dimensions[dimension]
        return (
          <li key={dimension} className={`is-${status}`}>
            <StatusMark status={status} />
            <span>{words.say(`dimension.${dimension}`)}</span>
            <b>{words.score(score)}</b>
          </li>
        )
      })}
    </ul>
  )
}

function Findings(props: BatchDetailProps & { readonly detail: VerdictDetail }) {
  const { detail, metric, dataset, onMetric } = props
  const words = useWords()
  const findings = useMemo(() => mergeTwins(detail.findings), [detail])
  const chosen = metric === null ? findings[0] : findings.find(({ key }) => key === metric)
  const key = metric ?? chosen?.key ?? null
  const series = useQuery({ ...seriesQuery(dataset, key ?? ''), enabled: key !== null })
  return (
    <div className="findings">
      {findings.length > 0 ? (
        <FindingsList findings={findings} selected={chosen ?? null} onSelect={(of) => onMetric(of.key)} />
      ) : (
        <p className="muted">
          {words.say(detail.status === 'alert' ? 'findings.together' : 'findings.none')}
        </p>
      )}
      {key !== null && (
        <div className="finding-detail">
          {chosen && <FindingHead finding={chosen} />}
          {!chosen && series.data && <MetricHead series={series.data} batch={detail.batch} />}
          <div className={series.isPlaceholderData ? 'stale' : undefined}>
            <History {...props} query={series} />
          </div>
          {chosen && <EvidenceTable finding={chosen} />}
        </div>
      )}
    </div>
  )
}

function FindingHead({ finding }: { readonly finding: FindingDetail }) {
  const words = useWords()
  return (
    <Head
      title={`${words.place(finding)} · ${words.label(finding)}`}
      sentence={finding.absolute ? words.sentence(finding) : null}
      facts={[
        [words.say('finding.dimension'), words.say(`dimension.${finding.dimension}`)],
        [words.say('finding.value'), words.value(finding.value, finding.unit)],
        ...(hasLimits(finding) ? [[words.say('finding.expected'), words.expected(finding)] as const] : []),
        ...(finding.surprise === null
          ? []
          : [
              [
                words.say('finding.surpriseTitle'),
                words.say('finding.surprise', { value: words.score(finding.surprise) }),
              ] as const,
            ]),
      ]}
    />
  )
}

const hasLimits = ({ lowerLimit, upperLimit }: FindingDetail): boolean =>
  lowerLimit !== null || upperLimit !== null

function MetricHead({ series, batch }: { readonly series: Series; readonly batch: string }) {
  const words = useWords()
  const point = series.points.find((candidate) => candidate.batch === batch)
  const title = `${words.place(series)} · ${words.label(series)}`
  if (!point) return <Head title={title} sentence={words.say('metric.notInBatch')} facts={[]} />
  return (
    <Head
      title={title}
      sentence={null}
      facts={[
        [words.say('finding.dimension'), words.say(`dimension.${series.dimension}`)],
        [words.say('finding.value'), words.value(point.value, series.unit)],
        [words.say('finding.expected'), words.expected({ ...point, unit: series.unit })],
        [
          words.say('finding.surpriseTitle'),
          words.say('finding.surprise', { value: words.score(point.surprise) }),
        ],
      ]}
    />
  )
}

interface HeadProps {
  readonly title: string
  readonly sentence: string | null
  readonly facts: readonly (readonly [name: string, value: string])[]
}

function Head({ title, sentence, facts }: HeadProps) {
  return (
    <div className="finding-head">
      <h3>{title}</h3>
      {sentence && <p>{sentence}</p>}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

interface HistoryProps extends Pick<BatchDetailProps, 'timeline' | 'range' | 'verdict' | 'onSelect'> {
  readonly query: {
    readonly data: Series | null | undefined
    readonly error: Error | null
    refetch(): unknown
  }
}

function History({ query, timeline, range, verdict, onSelect }: HistoryProps): ReactNode {
  const words = useWords()
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  if (query.data === undefined) return <Loading what={words.say('loading.series')} />
  if (query.data === null) return <p className="muted">{words.say('finding.noHistory')}</p>
  return (
    <figure>
      <MetricChart
        series={query.data}
        timeline={timeline}
        range={range}
        selected={timeline.places.get(verdict.batch) ?? null}
        onSelect={(place) => onSelect(timeline.verdicts[place]!.batch)}
      />
      <ChartLegend kinds={['expected', 'center', 'beyond']} />
    </figure>
  )
}
