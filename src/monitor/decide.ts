import { type Decision, replayDecisions, type ScoredBatch } from '../calibration/replay-decisions.ts'
import type { Sensitivity } from '../calibration/sensitivity.ts'
import { type Dimension, dimensions } from '../data/dimension.ts'
import type { DimensionVerdict, Finding, Verdict, VerdictStatus } from '../data/verdict.ts'
import { type HearingSettings, hearSeries } from '../detectors/hearing.ts'
import type { JudgedBatch } from './baseline.ts'
import { findingsOf } from './findings.ts'
import { PROVISIONAL_UNTIL } from './provisional.ts'

/** Replays the stored scores of a dataset: one decision per batch, in the order of arrival. */
export const decideAll = (judged: readonly JudgedBatch[], sensitivity: Sensitivity): readonly Decision[] =>
  replayDecisions(scoredBatches(judged, sensitivity), sensitivity)

/** Judged batches as decisions see them. */
export const scoredBatches = (judged: readonly JudgedBatch[], by: HearingSettings): readonly ScoredBatch[] =>
  judged.map((batch) => scoredBatch(batch, by))

/** A judged batch as decisions see it. */
export function scoredBatch({ record, score }: JudgedBatch, by: HearingSettings): ScoredBatch {
  const { summary, series } = score
  const scored = { ...summary, series, columns: new Map(summary.columns) }
  const { columns, dimensions: own, cases, whole, belowFloor } = hearSeries(scored, by)
  return {
    startMs: record.listing.startMs,
    columns,
    dimensions: own,
    cases,
    worth: summary.worth,
    provisional: summary.known < PROVISIONAL_UNTIL,
    absolute: summary.absolute.length > 0,
    isBad: record.feedback === 'real',
    whole,
    belowFloor,
  }
}

/** Puts the decision on the batch at a place of the history into words. */
export function verdictOf(
  dataset: string,
  judged: readonly JudgedBatch[],
  at: { readonly place: number; readonly decision: Decision },
): Verdict {
  const { decision } = at
  const { record, score } = judged[at.place]!
  const findings = findingsOf(score, decision, (key) => recentValues(judged, at.place, key))
  const isAbsolute = score.summary.absolute.length > 0
  const status =
    decision.alert || isAbsolute || decision.continued.length > 0 ? 'alert' : quietStatus(decision)
  return {
    dataset,
    batch: record.listing.key,
    revision: record.revision,
    startMs: record.listing.startMs,
    judgedMs: record.judgedMs,
    rows: record.rows,
    status,
    provisional: decision.state === 'provisional',
    inDigest: decision.digest,
    isBelowFloor: decision.isBelowFloor,
    score: Math.max(0, ...decision.batch.columns.values()),
    threshold: decision.threshold,
    reason: reasonOf(status, decision, { findings, known: score.summary.known }),
    dimensions: dimensionVerdicts(status, {
      findings,
      scores: decision.batch.dimensions,
      threshold: decision.threshold,
    }),
    findings,
    label: record.label,
    feedback: record.feedback,
  }
}

/** Batches whose values are shown beside a finding. */
const RECENT = 30

/** The values of a series up to a place of the history, oldest first. */
export function recentValues(judged: readonly JudgedBatch[], place: number, key: string): readonly number[] {
  return judged.slice(Math.max(0, place + 1 - RECENT), place + 1).flatMap(({ score }) => {
    const found = score.series.find((series) => series.key === key)
    return found ? [found.metric.value] : []
  })
}

function quietStatus(decision: Decision): VerdictStatus {
  return decision.state === 'learning' || !decision.canRing ? 'cannot-judge' : 'ok'
}

function reasonOf(
  status: VerdictStatus,
  decision: Decision,
  told: { readonly findings: readonly Finding[]; readonly known: number },
): string {
  const top = told.findings[0]
  if (status === 'alert' && top)
    return decision.alert || top.absolute ? top.message : `Still unusual, as before. ${top.message}`
  if (status === 'alert') return 'Several metrics are unusual together.'
  if (status === 'ok' && decision.isBelowFloor) return belowFloorReason(told.findings)
  if (status === 'ok')
    return `As ${told.known} earlier ${told.known === 1 ? 'batch makes' : 'batches make'} likely.`
  if (told.known === 0) return 'The first batch: there is nothing yet to compare it with.'
  return decision.canRing
    ? 'Too little history to judge.'
    : 'The past varies so much that no batch could raise an alert.'
}

function belowFloorReason(findings: readonly Finding[]): string {
  const top = findings.find(({ belowFloor }) => belowFloor !== null)
  return top ? `Not called for: ${top.message}` : 'Only what is below the materiality floors is unusual.'
}

interface DimensionFacts {
  readonly findings: readonly Finding[]
  readonly scores: Readonly<Record<Dimension, number>>
  readonly threshold: number
}

function dimensionVerdicts(
  status: VerdictStatus,
  facts: DimensionFacts,
): Record<Dimension, DimensionVerdict> {
  const blamed = new Set(dimensions.filter((dimension) => isBlamed(dimension, facts)))
  const first = facts.findings[0]
  if (blamed.size === 0 && first) blamed.add(first.dimension)
  const verdicts = dimensions.map((dimension): [Dimension, DimensionVerdict] => {
    const own = facts.findings.find((finding) => finding.dimension === dimension)
    const state = status === 'alert' ? (blamed.has(dimension) ? 'alert' : 'ok') : status
    return [
      dimension,
      {
        status: state,
        score: facts.scores[dimension],
        reason: state === 'ok' ? null : (own?.message ?? null),
      },
    ]
  })
  return Object.fromEntries(verdicts) as Record<Dimension, DimensionVerdict>
}

function isBlamed(dimension: Dimension, { findings, scores, threshold }: DimensionFacts): boolean {
  return (
    scores[dimension] >= threshold ||
    findings.some((finding) => finding.absolute && finding.dimension === dimension)
  )
}
