import type { Decision } from '../calibration/replay-decisions.ts'
import { formatShare } from '../calibration/sensitivity.ts'
import { seriesKey } from '../data/metric.ts'
import { formatValue, wordsOf } from '../data/metric-words.ts'
import type { Finding } from '../data/verdict.ts'
import { cause } from '../detectors/blame.ts'
import type { ControlLimits } from '../detectors/detector.ts'
import { limitsAt, type SeriesScore } from '../detectors/table-scorer.ts'
import type { AbsoluteFinding } from './absolute-rules.ts'
import type { StoredScore } from './stored-score.ts'

/** Findings listed per verdict. */
const LISTED = 20
/** Nats below the threshold, or below the most surprising series, at which a series is still told: one witness of several. */
const MARGIN = 3
/** Nats below which a series is ordinary. */
const ORDINARY = 3

/** Where a metric was measured, as people say it. */
const placeOf = (found: Pick<Finding, 'entity' | 'instance'>): string =>
  found.entity === 'table' ? 'the table' : found.instance

/** Key under which the evidence of an absolute finding is stored. */
export const absoluteKey = (finding: Pick<AbsoluteFinding, 'metric' | 'instance'>): string =>
  `absolute\u001f${finding.metric}\u001f${finding.instance}`

/** The sentence of a statistical finding: what, where, value, and what the past made likely. */
export function sentence(score: SeriesScore, limits: ControlLimits): string {
  const { value } = score.metric
  const { label, unit } = wordsOf(score.metric.name)
  const isInside = value >= limits.lowerLimit && value <= limits.upperLimit
  const usual = isInside
    ? `drifting from ${formatValue(limits.centerLine, unit)}`
    : `expected ${expectation(limits, unit)}`
  return `${placeOf(score.metric)}: ${label} ${formatValue(value, unit)}, ${usual}.`
}

const floorWords = (floor: number | null): string =>
  floor === null ? '' : ` It changed no more than the floor of ${formatShare(floor)} of the rows.`

function expectation(
  { lowerLimit, upperLimit }: { readonly lowerLimit: number; readonly upperLimit: number },
  unit: Parameters<typeof formatValue>[1],
): string {
  if (upperLimit === Number.POSITIVE_INFINITY) return `at least ${formatValue(lowerLimit, unit)}`
  if (lowerLimit === Number.NEGATIVE_INFINITY) return `at most ${formatValue(upperLimit, unit)}`
  return `${formatValue(lowerLimit, unit)} to ${formatValue(upperLimit, unit)}`
}

/** The last values of a series, by its key. */
export type RecentOf = (key: string) => readonly number[]

/** Findings of a batch at a threshold: absolute ones first, then the cause, then the other series by surprise. */
export function findingsOf(
  { series, summary }: StoredScore,
  { threshold, batch }: Pick<Decision, 'threshold' | 'batch'>,
  recentOf: RecentOf,
): readonly Finding[] {
  const sorted = [...series].sort((a, b) => b.surprise - a.surprise)
  const from = Math.max(ORDINARY, Math.min(threshold, sorted[0]?.surprise ?? 0) - MARGIN)
  const floors = batch.belowFloor ?? NO_FLOORS
  const first = cause(series.filter(({ key }) => !floors.has(key)))
  const order = (score: SeriesScore): number => (score === first ? 0 : floors.has(score.key) ? 2 : 1)
  const told = sorted
    .filter((score) => score.surprise >= from)
    .sort((a, b) => order(a) - order(b))
    .slice(0, LISTED)
  return findingsFrom({ series: told, summary }, floors, {
    recentOf,
    limitsFor: (score) => Math.min(threshold, score.surprise),
  })
}

/** Floors that series are below, by key. */
type Floors = NonNullable<Decision['batch']['belowFloor']>

const NO_FLOORS: Floors = new Map()

/** The most surprising metrics of a batch, unusual or not; absolute findings first and all of them. */
export function rankedFindings(
  { series, summary }: StoredScore,
  {
    decision: { threshold, batch },
    limit,
    recentOf,
  }: { readonly decision: Decision; readonly limit: number; readonly recentOf: RecentOf },
): readonly Finding[] {
  const ranked = [...series].sort((a, b) => b.surprise - a.surprise).slice(0, limit)
  return findingsFrom({ series: ranked, summary }, batch.belowFloor ?? NO_FLOORS, {
    recentOf,
    limitsFor: () => threshold,
  })
}

function findingsFrom(
  { series, summary }: StoredScore,
  floors: Floors,
  {
    recentOf,
    limitsFor,
  }: { readonly recentOf: RecentOf; readonly limitsFor: (score: SeriesScore) => number },
): readonly Finding[] {
  const evidence = new Map(summary.evidence)
  const absolute = summary.absolute.map((finding) =>
    absoluteFinding(
      finding,
      evidence.get(absoluteKey(finding)) ?? null,
      recentOf(seriesKey({ ...finding, name: finding.metric })),
    ),
  )
  const statistical = series.map((score) =>
    statisticalFinding(
      score,
      {
        evidence: evidence.get(score.key) ?? null,
        recent: recentOf(score.key),
        belowFloor: floors.get(score.key) ?? null,
      },
      limitsFor(score),
    ),
  )
  return [...absolute, ...statistical]
}

const absoluteFinding = (
  finding: AbsoluteFinding,
  evidence: Finding['evidence'],
  recent: Finding['recent'],
): Finding => ({
  ...finding,
  centerLine: Number.NaN,
  lowerLimit: Number.NaN,
  upperLimit: Number.NaN,
  surprise: Number.NaN,
  absolute: true,
  belowFloor: null,
  recent,
  evidence,
})

function statisticalFinding(
  score: SeriesScore,
  shown: Pick<Finding, 'evidence' | 'recent' | 'belowFloor'>,
  nats: number,
): Finding {
  const limits = limitsAt(score, nats)
  const { dimension, entity, instance, columns, name, value } = score.metric
  return {
    dimension,
    entity,
    instance,
    columns,
    metric: name,
    value,
    ...limits,
    surprise: score.surprise,
    absolute: false,
    message: sentence(score, limits) + floorWords(shown.belowFloor),
    ...shown,
  }
}
