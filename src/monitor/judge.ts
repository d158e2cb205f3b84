import type { MaterialisedBatch } from '../data/batch.ts'
import type { Metric } from '../data/metric.ts'
import type { RowSample } from '../data/profile.ts'
import type { Evidence } from '../data/verdict.ts'
import { type BatchScore, createTableScorer } from '../detectors/table-scorer.ts'
import type { Engine } from '../engines/duckdb.ts'
import { encodeProfile } from '../profile/codec.ts'
import type { History } from '../profile/history.ts'
import { measure } from '../profile/measure.ts'
import { encodeSample } from '../profile/sample-file.ts'
import { scan } from '../profile/scan.ts'
import { type BatchView, viewBatch } from '../profile/view.ts'
import { type BatchRecord, recordJudgement } from '../tracking/batches.ts'
import type { Store } from '../tracking/store.ts'
import { type AbsoluteFinding, absoluteFindings } from './absolute-rules.ts'
import { type Baseline, learnWaiting, scorerOptions, type ViewedBatch } from './baseline.ts'
import { type ColdStart, coldStart } from './cold-start.ts'
import { evidenceFor } from './evidence.ts'
import { absoluteKey } from './findings.ts'
import { encodeScores, type Summary, summarise } from './stored-score.ts'

/** Findings whose rows are kept. */
const EVIDENCE_KEPT = 6
/** Nats of the table below which no batch is kept out of the baseline, however quiet the others were. */
const QUARANTINE_FLOOR = 12

export interface JudgeContext {
  readonly store: Store
  readonly engine: Engine
  readonly datasetId: number
  readonly now: () => number
  /** A note to store with the batch, such as that it was spoiled on purpose: it then never enters the baseline. */
  readonly label: string | null
  /** A row model that did not learn from the batch; null without one. */
  readonly rowModel: JudgingModel | null
}

/** A registered row model, and the metrics that it gives a batch. */
export interface JudgingModel {
  readonly name: string
  readonly version: number
  metricsOf(sample: RowSample): Promise<readonly Metric[]>
}

/**
 * Judges one materialised batch against the baseline and stores the scores, all or nothing.
 *
 * The batch that waits to be learnt is; the one judged is left to the caller to fold in, when the record says that it belongs.
 */
export async function judge(
  context: JudgeContext,
  batch: MaterialisedBatch,
  baseline: Baseline,
): Promise<ViewedBatch> {
  learnWaiting(baseline)
  const { history } = baseline
  const expected = [...history.columns.values()].map((past) => past.column)
  const { profile, sample } = await scan(context.engine, batch.path, expected.length > 0 ? { expected } : {})
  const view = viewBatch(batch.listing, profile, sample)
  const measured = measure(view, history)
  const start = history.batches === 0 && profile.rows > 0 ? coldStart(sample, measured) : null
  if (start)
    baseline.scorer = createTableScorer(
      scorerOptions({ ...start, withinVariance: [...start.withinVariance] }),
    )
  const metrics = [...measured, ...((await context.rowModel?.metricsOf(sample)) ?? [])]
  const score = baseline.scorer.score({ metrics, startMs: batch.listing.startMs })
  const absolute = absoluteFindings(view, history)
  const evidence = await collectEvidence(context.engine, batch.path, { score, absolute, view, history })
  const model = context.rowModel && { name: context.rowModel.name, version: context.rowModel.version }
  const found = { absolute, evidence, coldStart: start, rowModel: model }
  const record = await store(context, { batch, view, score, ...found })
  return {
    record,
    view,
    score: { series: score.series, summary: summarise(score, found) },
  }
}

interface Found {
  readonly score: BatchScore
  readonly absolute: readonly AbsoluteFinding[]
  readonly view: BatchView
  readonly history: History
}

async function collectEvidence(
  engine: Engine,
  path: string,
  { score, absolute, view, history }: Found,
): Promise<readonly (readonly [string, Evidence])[]> {
  const told =
    score.table <= score.expected.median
      ? []
      : [...score.series].sort((a, b) => b.surprise - a.surprise).slice(0, EVIDENCE_KEPT)
  const wanted = [
    ...absolute.map((finding) => ({ key: absoluteKey(finding), metric: asMetric(finding) })),
    ...told.map(({ key, metric }) => ({ key, metric })),
  ]
  return evidenceFor(engine, path, { metrics: wanted, batch: view, history })
}

const asMetric = ({ metric, message: _, ...finding }: AbsoluteFinding) =>
  ({ ...finding, name: metric, scale: 'rate', side: 'up', support: 1 }) as const

interface ToStore {
  readonly batch: MaterialisedBatch
  readonly view: BatchView
  readonly score: BatchScore
  readonly absolute: readonly AbsoluteFinding[]
  readonly evidence: readonly (readonly [string, Evidence])[]
  readonly coldStart: ColdStart | null
  readonly rowModel: Summary['rowModel']
}

/** Whether a batch may be held for normal: one in 2,000 good ones may not. Never a matter of the alert budget. */
const belongs = ({ absolute, score, view }: ToStore): boolean =>
  absolute.length === 0 &&
  score.table < Math.max(QUARANTINE_FLOOR, score.expected.extreme) &&
  view.profile.rows > 0

async function store(context: JudgeContext, judged: ToStore): Promise<BatchRecord> {
  const { artifacts, db } = context.store
  return recordJudgement(db, {
    datasetId: context.datasetId,
    listing: judged.batch.listing,
    rows: judged.view.profile.rows,
    profileDigest: await artifacts.put(encodeProfile(judged.view.profile)),
    sampleDigest: await artifacts.put(encodeSample(judged.view.sample)),
    judgedMs: context.now(),
    inBaseline: belongs(judged) && context.label === null,
    label: context.label,
    ...encodeScores(judged.score.series, summarise(judged.score, judged)),
  })
}
