import { seriesKey } from '../data/metric.ts'
import { wordsOf } from '../data/metric-words.ts'
import type { Finding, Verdict } from '../data/verdict.ts'
import type { SeriesHistory } from '../monitor/series-history.ts'
import type {
  Cause,
  FindingDetail,
  Series,
  SeriesPointView,
  VerdictDetail,
  VerdictSummary,
} from './schemas.ts'

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** A verdict without its findings but the one it rests on. */
export function summaryView({ dataset: _, findings, ...verdict }: Verdict): VerdictSummary {
  const dimensions = Object.fromEntries(
    Object.entries(verdict.dimensions).map(([name, of]) => [
      name,
      {
        ...of,
        score: finite(of.score),
        cause: causeOf(
          of,
          findings.filter(({ dimension }) => dimension === name),
        ),
      },
    ]),
  ) as VerdictSummary['dimensions']
  return {
    ...verdict,
    score: finite(verdict.score),
    threshold: finite(verdict.threshold),
    cause: verdict.isBelowFloor ? belowFloorCause(findings) : causeOf(verdict, findings),
    dimensions,
  }
}

function belowFloorCause(findings: readonly Finding[]): Cause | null {
  const first = findings.find(({ belowFloor }) => belowFloor !== null)
  return first ? causeView(first) : null
}

function causeOf({ status }: Pick<Verdict, 'status'>, [first]: readonly Finding[]): Cause | null {
  return status === 'ok' || !first ? null : causeView(first)
}

/** What a finding says, as fields. */
export const causeView = (finding: Finding): Cause => ({
  ...wordsOf(finding.metric),
  dimension: finding.dimension,
  entity: finding.entity,
  instance: finding.instance,
  metric: finding.metric,
  value: finite(finding.value),
  centerLine: finite(finding.centerLine),
  lowerLimit: finite(finding.lowerLimit),
  upperLimit: finite(finding.upperLimit),
  absolute: finding.absolute,
  belowFloor: finding.belowFloor,
  message: finding.message,
})

/** A verdict with its findings. */
export const detailView = (verdict: Verdict): VerdictDetail => ({
  ...summaryView(verdict),
  findings: verdict.findings.map(findingView),
})

/** A finding as JSON has it. */
export const findingView = (finding: Finding): FindingDetail => ({
  ...causeView(finding),
  key: seriesKey({ entity: finding.entity, instance: finding.instance, name: finding.metric }),
  columns: [...finding.columns],
  surprise: finite(finding.surprise),
  recent: finding.recent.map(finite),
  evidence: finding.evidence && {
    ...finding.evidence,
    columns: [...finding.evidence.columns],
    rows: finding.evidence.rows.map((row) => [...row]),
  },
})

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
