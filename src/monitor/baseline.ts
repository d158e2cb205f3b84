import type { OnProgress } from '../data/progress.ts'
import { createTableScorer, type TableScorer, type TableScorerState } from '../detectors/table-scorer.ts'
import type { Engine } from '../engines/duckdb.ts'
import { decodeProfile } from '../profile/codec.ts'
import { emptyHistory, type History, learnBatch, noteArrival } from '../profile/history.ts'
import { readSample } from '../profile/sample-file.ts'
import { type BatchView, viewBatch } from '../profile/view.ts'
import type { BatchRecord } from '../tracking/batches.ts'
import type { Store } from '../tracking/store.ts'
import { readCachedHistory } from './history-cache.ts'
import type { StoredScore } from './stored-score.ts'

/** What is held for normal: the history that metrics are measured against, and the scorer of their series. */
export interface Baseline {
  history: History
  scorer: TableScorer
  /** Batches folded in, in order. */
  readonly batchIds: number[]
  /** The batch to fold in before the history is read again. */
  waiting: ViewedBatch | null
}

/** A judged batch with its scores. */
export interface JudgedBatch {
  readonly record: BatchRecord
  readonly score: StoredScore
}

/** A judged batch, as it was measured. */
export interface ViewedBatch extends JudgedBatch {
  readonly view: BatchView
}

/**
 * Builds the baseline from the judged batches that belong to it, in the order of arrival.
 *
 * Cached where it can be; otherwise one profile and one sample are read per batch.
 */
export async function buildBaseline(
  context: {
    readonly store: Store
    readonly engine: Engine
    readonly datasetId: number
    readonly onProgress?: OnProgress
  },
  judged: readonly JudgedBatch[],
): Promise<Baseline> {
  const members = judged.filter(({ record }) => record.inBaseline)
  const ids = members.map(({ record }) => record.id)
  const cached = await readCachedHistory(context.store, context.datasetId, ids)
  const history = cached?.history ?? emptyHistory()
  const rest = members.slice(cached?.batchIds.length ?? 0)
  for (const [i, { record }] of rest.entries()) {
    context.onProgress?.({ stage: 'reading the history', done: i, total: rest.length })
    learnBatch(history, await readView(context, record))
  }
  const last = judged.findLast(({ record }) => record.label === null)
  if (last) noteArrival(history, last.record.listing.startMs)
  const scorer = buildScorer(judged, { learnt: cached?.learnt ?? null, rest })
  return { history, scorer, batchIds: ids, waiting: null }
}

/** Folds a batch in. */
export function learn({ history, scorer, batchIds }: Baseline, { record, score, view }: ViewedBatch): void {
  learnBatch(history, view)
  learnScores(scorer, { record, score })
  batchIds.push(record.id)
}

/** Folds in the batch that waits, if one does. */
export function learnWaiting(baseline: Baseline): void {
  if (baseline.waiting) learn(baseline, baseline.waiting)
  baseline.waiting = null
}

const learnScores = (scorer: TableScorer, { record, score }: JudgedBatch): void =>
  scorer.learn({ metrics: score.series.map(({ metric }) => metric), startMs: record.listing.startMs })

/** A stored batch, as it was measured. */
export async function readView(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  record: BatchRecord,
): Promise<BatchView> {
  const profile = decodeProfile(await store.artifacts.get(record.profileDigest))
  const sample = await readSample(engine, store.artifacts.pathOf(record.sampleDigest))
  return viewBatch(record.listing, profile, sample)
}

function buildScorer(
  judged: readonly JudgedBatch[],
  { learnt, rest }: { readonly learnt: TableScorerState | null; readonly rest: readonly JudgedBatch[] },
): TableScorer {
  const coldStart = judged.find(({ score }) => score.summary.coldStart)?.score.summary.coldStart
  const scorer = createTableScorer({ ...scorerOptions(coldStart ?? null), ...(learnt ? { learnt } : {}) })
  for (const batch of rest) learnScores(scorer, batch)
  return scorer
}

/** What the cold start of the first batch gives the scorer. */
export const scorerOptions = (
  coldStart: StoredScore['summary']['coldStart'],
): NonNullable<Parameters<typeof createTableScorer>[0]> => ({
  ...(coldStart ? { withinVariance: new Map(coldStart.withinVariance) } : {}),
  ...(coldStart && coldStart.betweenRatio !== null ? { betweenRatio: coldStart.betweenRatio } : {}),
})
