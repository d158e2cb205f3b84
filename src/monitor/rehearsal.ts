import type { AlertBudget } from '../calibration/alert-budget.ts'
import { CONTROLLER_VERSION, replayDecisions, type ScoredBatch } from '../calibration/replay-decisions.ts'
import { plainSensitivity, type Sensitivity } from '../calibration/sensitivity.ts'
import type { BatchListing } from '../data/batch.ts'
import type { Dimension } from '../data/dimension.ts'
import type { HybridWeights } from '../data/hybrid.ts'
import type { Metric } from '../data/metric.ts'
import type { RowSample } from '../data/profile.ts'
import type { OnProgress } from '../data/progress.ts'
import { blamedDimension } from '../detectors/blame.ts'
import { HEARING_VERSION, type HearingSettings, hearSeries } from '../detectors/hearing.ts'
import { type BatchScore, createTableScorer, SCORER_VERSION } from '../detectors/table-scorer.ts'
import type { Engine } from '../engines/duckdb.ts'
import { HISTORY_VERSION } from '../profile/history.ts'
import { readSample } from '../profile/sample-file.ts'
import type { Store } from '../tracking/store.ts'
import type { AbsoluteFinding } from './absolute-rules.ts'
import type { JudgedBatch } from './baseline.ts'
import { scorerOptions } from './baseline.ts'
import { coldStart } from './cold-start.ts'
import { type Measured, measureBatches, type RehearsedBatch } from './measured-batch.ts'
import { PROVISIONAL_UNTIL } from './provisional.ts'

export type { Measured, RehearsedBatch } from './measured-batch.ts'

/** Versions of all that a rehearsal rests on: results of different ones do not compare. */
export const rehearsalVersion = [
  HISTORY_VERSION,
  SCORER_VERSION,
  CONTROLLER_VERSION,
  HEARING_VERSION,
] as const

/** What the monitor would have said of a batch, had it held these rows. */
export interface Rehearsed {
  readonly score: BatchScore
  readonly absolute: readonly AbsoluteFinding[]
  /** Nats of the table as they are heard under the sensitivity in force, and as they would be under other weights. */
  readonly nats: number
  natsUnder(weights: HybridWeights): number
  /** Under the alert budget in force, at this place of the history. */
  readonly isAlert: boolean
  readonly threshold: number
  /** False when not even the worst possible batch would have been an alert here. */
  readonly canRing: boolean
  /** Dimensions of what is said first: of the absolute findings, else of the most surprising series. */
  readonly dimensions: readonly Dimension[]
  /** Columns as they would be named: those of absolute findings, then by score. */
  readonly columns: readonly string[]
}

/** One batch, with the monitor as it stood before it. */
export interface Stand {
  readonly batch: RehearsedBatch
  readonly previous: RowSample | null
  readonly clean: Rehearsed
  /** Judges other rows in its place; nothing is stored and nothing is learnt. */
  judge(sample: RowSample): Promise<Rehearsed>
}

/** The metrics of a row model on rows; none on batches that it learnt from. */
export type RowMetricsOf = (batch: RehearsedBatch, sample: RowSample) => Promise<readonly Metric[]>

const noRowMetrics: RowMetricsOf = async () => []

/**
 * Goes through batches in their order, the monitor learning those of the baseline, and stops at each so that other rows
 * can be judged in its place.
 *
 * Batches above 20,000 rows are rehearsed on a sample of that size: their volume is not rehearsed.
 */
export async function* rehearse(
  batches: AsyncIterable<RehearsedBatch>,
  budget: Sensitivity | AlertBudget,
  rowMetricsOf: RowMetricsOf = noRowMetrics,
): AsyncGenerator<Stand> {
  const rehearsal = createRehearsal(budget)
  for await (const { batch, previous, isFirst, ...measured } of measureBatches(batches)) {
    if (isFirst) rehearsal.start(batch.sample)
    const judge = async (rows: RowSample, { metrics, absolute }: Measured): Promise<Rehearsed> =>
      rehearsal.judge(batch, { metrics: [...metrics, ...(await rowMetricsOf(batch, rows))], absolute })
    const clean = await judge(batch.sample, measured.clean)
    yield {
      batch,
      previous,
      clean,
      judge: (rows) => judge(rows, measured.measure(rows)),
    }
    rehearsal.pass(batch, clean)
  }
}

/** The batch, as far as scores and decisions look at it. */
type Passing = Pick<RehearsedBatch, 'listing' | 'inBaseline' | 'isBad'>

/** The scoring half of a rehearsal: measurements in, decisions out; kept measurements can be judged again without rows. */
export interface Rehearsal {
  /** Tells the rows of the first batch, before it is judged. */
  start(first: RowSample): void
  /** Judges measurements in the place of this batch; nothing is learnt. */
  judge(batch: Passing, measured: Measured): Rehearsed
  /** Goes on to the next batch, learning this one when it is in the baseline. */
  pass(batch: Passing, clean: Rehearsed): void
}

/** A rehearsal before its first batch. */
export function createRehearsal(budget: Sensitivity | AlertBudget): Rehearsal {
  let scorer = createTableScorer()
  const past: ScoredBatch[] = []
  const sensitivity = 'alerts' in budget ? plainSensitivity(budget) : budget
  const scoredOf = (batch: Passing, score: BatchScore, absolute: boolean): ScoredBatch =>
    scoredAs(batch, { score, absolute, ...sensitivity })
  return {
    start(first) {
      if (first.rows > 0) scorer = startingScorer(first)
    },
    judge(batch, { metrics, absolute }) {
      const score = scorer.score({ metrics, startMs: batch.listing.startMs })
      const scored = scoredOf(batch, score, absolute.length > 0)
      const decision = replayDecisions([...past, scored], sensitivity).at(-1)!
      const { threshold, canRing } = decision
      const isAlert = decision.alert || decision.continued.length > 0
      const natsUnder = (weights: HybridWeights): number =>
        hearSeries({ ...score, worth: score.expected.worth }, { ...sensitivity, weights }).table
      const nats = Math.max(0, ...scored.columns.values())
      const decided = { isAlert, threshold, canRing, nats, natsUnder }
      return { score, absolute, ...decided, ...namedBy(score, absolute) }
    },
    pass(batch, { score, absolute }) {
      past.push(scoredOf(batch, score, absolute.length > 0))
      if (!batch.inBaseline) return
      const metrics = score.series.map(({ metric }) => metric)
      scorer.learn({ metrics, startMs: batch.listing.startMs })
    },
  }
}

function namedBy(
  score: BatchScore,
  absolute: readonly AbsoluteFinding[],
): Pick<Rehearsed, 'dimensions' | 'columns'> {
  const blamed = blamedDimension(score.series)
  const first = absolute.length > 0 ? absolute.map(({ dimension }) => dimension) : []
  const byScore = [...score.columns].filter(([column]) => column !== '').sort((a, b) => b[1] - a[1])
  return {
    dimensions: [...new Set(first.length > 0 || !blamed ? first : [blamed])],
    columns: [
      ...new Set([...absolute.flatMap(({ columns }) => columns), ...byScore.map(([column]) => column)]),
    ],
  }
}

/** A judged batch without its rows. */
export interface StoredBatch extends Pick<BatchListing, 'key' | 'contentHash'> {
  readonly label: string | null
  readonly inBaseline: boolean
  /** Rows and columns kept of it. */
  readonly sampleRows: number
  readonly columns: number
}

/** Most rows that a scan keeps of a batch. */
const SAMPLE_ROWS = 20_000

/** What is known of judged batches without reading them. */
export const storedListings = (judged: readonly JudgedBatch[]): readonly StoredBatch[] =>
  judged.map(({ record: { listing, label, inBaseline, rows }, score }) => ({
    key: listing.key,
    contentHash: listing.contentHash,
    label,
    inBaseline,
    sampleRows: Math.min(rows, SAMPLE_ROWS),
    columns: new Set(score.summary.columns.map(([column]) => column)).size,
  }))

/** The judged batches of a store, in their order, to be rehearsed. */
export async function* storedBatches(
  context: { readonly store: Store; readonly engine: Engine; readonly onProgress?: OnProgress },
  judged: readonly JudgedBatch[],
): AsyncGenerator<RehearsedBatch> {
  for (const [i, { record }] of judged.entries()) {
    context.onProgress?.({ stage: 'rehearsing', done: i, total: judged.length })
    const { listing, label, inBaseline, feedback, sampleDigest, slot } = record
    yield {
      listing,
      slot,
      label,
      inBaseline,
      isBad: feedback === 'real',
      sample: await readSample(context.engine, context.store.artifacts.pathOf(sampleDigest)),
    }
  }
}

function startingScorer(sample: RowSample): ReturnType<typeof createTableScorer> {
  const start = coldStart(sample)
  return createTableScorer(scorerOptions({ ...start, withinVariance: [...start.withinVariance] }))
}

function scoredAs(
  { listing, isBad = false }: Passing,
  { score, absolute, ...by }: HearingSettings & { readonly score: BatchScore; readonly absolute: boolean },
): ScoredBatch {
  const { columns, dimensions, cases } = hearSeries({ ...score, worth: score.expected.worth }, by)
  return {
    startMs: listing.startMs,
    columns,
    dimensions,
    cases,
    worth: score.expected.worth,
    provisional: score.known < PROVISIONAL_UNTIL,
    absolute,
    isBad,
  }
}
