import { seriesKey } from '../data/metric.ts'
import { wordsOf } from '../data/metric-words.ts'
import type { Finding, Verdict } from '../data/verdict.ts'
import type { SeriesHistory } from '../monitor/series-history.ts'
import type { FindingDetail, Series, SeriesPointView, VerdictDetail, VerdictSummary } from './schemas.ts'

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** A verdict without its findings. */
export function summaryView({ dataset: _, findings: __, ...verdict }: Verdict): VerdictSummary {
  const dimensions = Object.fromEntries(
    Object.entries(verdict.dimensions).map(([name, of]) => [name, { ...of, score: finite(of.score) }]),
  ) as VerdictSummary['dimensions']
  return { ...verdict, score: finite(verdict.score), threshold: finite(verdict.threshold), dimensions }
}

/** A verdict with its findings. */
export const detailView = (verdict: Verdict): VerdictDetail => ({
  ...summaryView(verdict),
  findings: verdict.findings.map(findingView),
})

function findingView({
  centerLine,
  lowerLimit,
  upperLimit,
  evidence,
  columns,
  ...finding
}: Finding): FindingDetail {
  return {
    ...finding,
    ...wordsOf(finding.metric),
    key: seriesKey({ entity: finding.entity, instance: finding.instance, name: finding.metric }),
    columns: [...columns],
    value: finite(finding.value) ?? null,
    centerLine: finite(centerLine),
    lowerLimit: finite(lowerLimit),
    upperLimit: finite(upperLimit),
    surprise: finite(finding.surprise),
    recent: finding.recent.map(finite),
    evidence: evidence && {
      ...evidence,
      columns: [...evidence.columns],
      rows: evidence.rows.map((row) => [...row]),
    },
  }
}

/** A metric over time. */
export function seriesView({ key, metric, points }: SeriesHistory): Series {
  const { name, dimension, entity, instance } = metric
  const peak = points.reduce((highest, point) => Math.max(highest, point.surprise), 0)
  return {
    key,
    metric: name,
    ...wordsOf(name),
    dimension,
    entity,
    instance,
    peak,
    points: points.map(pointView),
  }
}

const pointView = (point: SeriesHistory['points'][number]): SeriesPointView => ({
  batch: point.batch,
  startMs: point.startMs,
  value: finite(point.value),
  centerLine: finite(point.centerLine),
  lowerLimit: finite(point.lowerLimit),
  upperLimit: finite(point.upperLimit),
  surprise: finite(point.surprise),
})
