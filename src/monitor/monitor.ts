import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Decision, type ScoredBatch, startReplay } from '../calibration/replay-decisions.ts'
import type { Sensitivity } from '../calibration/sensitivity.ts'
import type { BatchListing } from '../data/batch.ts'
import { FiableError } from '../data/errors.ts'
import type { RowSample } from '../data/profile.ts'
import type { OnProgress } from '../data/progress.ts'
import type { Verdict } from '../data/verdict.ts'
import type { Engine } from '../engines/duckdb.ts'
import { openOnnx } from '../engines/onnx.ts'
import { noteArrival } from '../profile/history.ts'
import { loadModel, modelInService } from '../row-models/model-of-dataset.ts'
import { rowMetrics } from '../row-models/row-metrics.ts'
import { openSource } from '../sources/index.ts'
import type { Source, SourceDeclaration } from '../sources/source.ts'
import { lastActionId } from '../tracking/actions.ts'
import { listBatches, listScores, listSeries, setBaseline } from '../tracking/batches.ts'
import type { Store } from '../tracking/store.ts'
import {
  type Baseline,
  buildBaseline,
  type JudgedBatch,
  learn,
  learnWaiting,
  readView,
  type ViewedBatch,
} from './baseline.ts'
import { decideAll, scoredBatch, verdictOf } from './decide.ts'
import type { DatasetDeclaration } from './declaration.ts'
import { writeCachedHistory } from './history-cache.ts'
import { type JudgingModel, judge } from './judge.ts'
import { type RootCause, rootCauses } from './root-cause.ts'
import { sensitivityInForce } from './settings.ts'
import { decodeScores } from './stored-score.ts'

/** Quarantined batches in a row after which what they show is the new normal. */
const NEW_NORMAL_AFTER = 3
/** Judged batches between two writings of the history cache. */
const CACHE_EVERY = 40

/** A dataset under watch. */
export interface Watched {
  readonly id: number
  readonly name: string
  readonly declaration: DatasetDeclaration
}

export interface CheckContext {
  readonly store: Store
  readonly engine: Engine
  readonly dataset: Watched
  /** Folder that relative paths of the declaration start from. */
  readonly baseFolder: string
  readonly now: () => number
  readonly onProgress?: OnProgress
  /** Called with each verdict once it is stored. */
  readonly onVerdict?: (verdict: Verdict) => void
  /** Told once of each thing decided on the user's behalf: an encoding guessed, rows without a date. */
  readonly onNotice?: (notice: string) => void
  /** Stop after the batch at hand when aborted; what is judged stays. */
  readonly signal?: AbortSignal
  /** A note to store with a batch, such as that it was spoiled on purpose. */
  readonly labelOf?: (listing: BatchListing) => string | null
}

/**
 * Judges every batch of the dataset that is new or was rewritten, oldest first, and stores the scores one by one.
 *
 * Killed at any moment, it loses at most the batch at hand: the next run continues.
 *
 * @returns The verdicts of all current batches, in the order of arrival, under the alert budget in force.
 * @throws FiableError NO_BATCHES when the source lists none; whatever the source, the engine or the store refuses.
 */
export async function checkDataset(context: CheckContext): Promise<readonly Verdict[]> {
  const workFolder = await mkdtemp(path.join(tmpdir(), 'fiable-'))
  try {
    return await withSource(context, workFolder, async (source) => {
      const verdicts = await checkSource(context, source, workFolder)
      for (const notice of source.notices) context.onNotice?.(notice)
      return verdicts
    })
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
}

/** Opens the dataset's source for the time of `work`. */
export async function withSource<T>(
  context: Pick<CheckContext, 'engine' | 'dataset' | 'baseFolder' | 'onProgress'>,
  workFolder: string,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  const source = await openSource(sourceOf(context.dataset.declaration), {
    engine: context.engine,
    baseFolder: context.baseFolder,
    workFolder,
    ...(context.onProgress ? { onProgress: context.onProgress } : {}),
  })
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}

/** The part of a declaration that says where batches come from. */
export function sourceOf({
  atMost: _,
  strict: __,
  dimensions: ___,
  floors: ____,
  fireDrill: _____,
  ...source
}: DatasetDeclaration): SourceDeclaration {
  return Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined),
  ) as unknown as SourceDeclaration
}

async function checkSource(
  context: CheckContext,
  source: Source,
  workFolder: string,
): Promise<readonly Verdict[]> {
  const lastAction = await lastActionId(context.store.db, context.dataset.id)
  const judged = await loadJudged(context.store, context.dataset.id)
  const known = new Map(judged.map(({ record }) => [record.listing.key, record.listing]))
  const listings = await source.list(known)
  if (listings.length === 0)
    throw new FiableError(
      'NO_BATCHES',
      `${source.description} holds no batches.`,
      'Check the path, the glob or the query; `fiable check --plan` shows what is seen.',
    )
  const pending = listings.filter((listing) => known.get(listing.key)?.contentHash !== listing.contentHash)
  const work = { source, workFolder, pending, judged, teller: createTeller(), lastAction }
  if (pending.length > 0) await judgeAll(context, work)
  await hearPeople(context, work)
  return verdictsOf(await tunedAsNow(context), judged)
}

/** The dataset under the sensitivity in force at this moment: it may be changed while a check runs. */
const tunedAsNow = async ({ store, dataset }: CheckContext): Promise<Tuned> => ({
  name: dataset.name,
  sensitivity: await sensitivityInForce({ db: store.db, datasetId: dataset.id }, dataset.declaration),
})

interface Pending {
  readonly source: Source
  readonly workFolder: string
  readonly pending: readonly BatchListing[]
  /** Grows as batches are judged; kept in the order of arrival. */
  readonly judged: JudgedBatch[]
  readonly teller: Teller
  /** The last thing people said that `judged` knows of. */
  lastAction: number
}

async function judgeAll(context: CheckContext, work: Pending): Promise<void> {
  const version = await modelInService(context.store, context.dataset.id)
  const loaded = version && (await loadModel(context.store, version, openOnnx))
  const model = version &&
    loaded && {
      ...{ name: version.name, version: version.version },
      metricsOf: (sample: RowSample) => rowMetrics(loaded, sample),
    }
  try {
    await judgePending(context, work, model)
  } finally {
    await loaded?.release()
  }
}

async function judgePending(context: CheckContext, work: Pending, model: JudgingModel | null): Promise<void> {
  const goesOn = work.judged.length > 0
  let baseline = await baselineOf(context, work.judged)
  for (const [i, listing] of work.pending.entries()) {
    if (context.signal?.aborted) break
    context.onProgress?.({ stage: 'judging', done: i, total: work.pending.length })
    if (await hearPeople(context, work)) baseline = await baselineOf(context, work.judged)
    if (work.judged.some(({ record }) => record.listing.key === listing.key))
      baseline = await rejudge(context, work, listing)
    else await judgeNext(context, work, { listing, baseline, model })
    if (i % CACHE_EVERY === CACHE_EVERY - 1) await cache(context, baseline)
  }
  // Who came back once will again, and then need not read this batch; a first check may stay the only one.
  if (goesOn) learnWaiting(baseline)
  await cache(context, baseline)
}

/** Takes in what people said of batches since; true when the baseline is another now. */
async function hearPeople({ store, dataset }: CheckContext, work: Pending): Promise<boolean> {
  const lastAction = await lastActionId(store.db, dataset.id)
  if (lastAction === work.lastAction) return false
  work.lastAction = lastAction
  const records = new Map((await listBatches(store.db, dataset.id)).map((record) => [record.id, record]))
  const before = work.judged.map(({ record }) => record)
  for (const [i, { record, score }] of work.judged.entries())
    work.judged[i] = { record: records.get(record.id) ?? record, score }
  work.teller.sensitivity = null
  return work.judged.some(({ record }, i) => record.inBaseline !== before[i]!.inBaseline)
}

const baselineOf = (context: CheckContext, judged: readonly JudgedBatch[]): Promise<Baseline> =>
  buildBaseline(
    {
      store: context.store,
      engine: context.engine,
      datasetId: context.dataset.id,
      ...(context.onProgress ? { onProgress: context.onProgress } : {}),
    },
    judged,
  )

const cache = ({ store, dataset }: CheckContext, { batchIds, history, scorer }: Baseline): Promise<void> =>
  writeCachedHistory(store, dataset.id, { batchIds, history, learnt: scorer.state() })

async function judgeNext(
  context: CheckContext,
  work: Pending,
  at: { readonly listing: BatchListing; readonly baseline: Baseline; readonly model: JudgingModel | null },
): Promise<void> {
  const result = await judgeOne(context, work, at)
  work.judged.push({ record: result.record, score: result.score })
  // Learnt when the next is judged, or when the run ends: verdicts come the sooner.
  if (result.record.inBaseline) at.baseline.waiting = result
  else await adoptNewNormal(context, work.judged, at.baseline)
  if (result.record.label === null) noteArrival(at.baseline.history, at.listing.startMs)
  await tellNewest(context, work)
}

async function judgeOne(
  context: CheckContext,
  { source, workFolder }: Pending,
  {
    listing,
    baseline,
    model,
  }: {
    readonly listing: BatchListing
    readonly baseline: Baseline
    readonly model: JudgingModel | null
  },
): Promise<ViewedBatch> {
  await fitThreads(context.engine, listing)
  const batch = await source.materialise(listing, workFolder)
  const label = context.labelOf?.(batch.listing) ?? null
  try {
    return await judge(
      {
        store: context.store,
        engine: context.engine,
        datasetId: context.dataset.id,
        now: context.now,
        label,
        rowModel: model,
      },
      batch,
      baseline,
    )
  } finally {
    if (!batch.borrowed) await rm(batch.path, { force: true })
  }
}

/** Bytes from which a batch is worth more than one thread. */
const LARGE_BYTES = 256 << 20

/** A second thread costs a small batch a tenth more CPU and 40 MB, to save a second that nobody waits for. */
const fitThreads = (engine: Engine, { bytes }: BatchListing): Promise<void> =>
  engine.run(`set threads = ${bytes !== null && bytes < LARGE_BYTES ? 1 : engine.threads}`)

/**
 * A batch rewritten since it was judged is judged again, against what came before it; it keeps its place.
 *
 * Without a row model: one may have learnt from the batch, or from those after it.
 */
async function rejudge(context: CheckContext, work: Pending, listing: BatchListing): Promise<Baseline> {
  const place = work.judged.findIndex(({ record }) => record.listing.key === listing.key)
  const before = await baselineOf(context, work.judged.slice(0, place))
  const { record, score } = await judgeOne(context, work, { listing, baseline: before, model: null })
  work.judged[place] = { record, score }
  await tellAgain(context, work, place)
  return baselineOf(context, work.judged)
}

/** When several batches in a row were kept out of the baseline, the table has changed for good: they are let in. */
async function adoptNewNormal(
  context: CheckContext,
  judged: JudgedBatch[],
  baseline: Baseline,
): Promise<void> {
  const recent = judged.slice(-NEW_NORMAL_AFTER)
  if (recent.length < NEW_NORMAL_AFTER || recent.some(isSettled)) return
  for (const [i, { record, score }] of recent.entries()) {
    await setBaseline(context.store.db, record.id, true)
    judged[judged.length - recent.length + i] = { record: { ...record, inBaseline: true }, score }
    learn(baseline, { record, score, view: await readView(context, record) })
  }
}

/** Held for normal already, empty, or known to be bad: no part of a new normal. */
const isSettled = ({ record }: JudgedBatch): boolean =>
  record.inBaseline || record.rows === 0 || record.feedback === 'real'

/** Decisions so far, so that telling of one more batch does not replay them all. */
interface Teller {
  sensitivity: Sensitivity | null
  decideNext: (batch: ScoredBatch) => Decision
  decisions: Decision[]
}

const createTeller = (): Teller => ({
  sensitivity: null,
  decideNext: () => {
    throw new Error('a teller decides nothing before it has a sensitivity')
  },
  decisions: [],
})

async function tellNewest(context: CheckContext, { judged, teller }: Pending): Promise<void> {
  if (!context.onVerdict) return
  const { name, sensitivity } = await tunedAsNow(context)
  if (JSON.stringify(sensitivity) !== JSON.stringify(teller.sensitivity))
    Object.assign(teller, { sensitivity, decideNext: startReplay(sensitivity), decisions: [] })
  while (teller.decisions.length < judged.length)
    teller.decisions.push(teller.decideNext(scoredBatch(judged[teller.decisions.length]!, sensitivity)))
  const place = judged.length - 1
  context.onVerdict(verdictOf(name, judged, { place, decision: teller.decisions[place]! }))
}

/** A batch judged again changes what follows it: all is replayed. */
async function tellAgain(context: CheckContext, { judged, teller }: Pending, place: number): Promise<void> {
  teller.sensitivity = null
  if (!context.onVerdict) return
  const tuned = await tunedAsNow(context)
  context.onVerdict(verdictOf(tuned.name, judged, { place, decision: decisionsOf(tuned, judged)[place]! }))
}

/** Reads all current batches of a dataset with their scores, in the order of arrival. */
export async function loadJudged({ db }: Store, datasetId: number): Promise<JudgedBatch[]> {
  const [records, scores, descriptions] = await Promise.all([
    listBatches(db, datasetId),
    listScores(db, datasetId),
    listSeries(db, datasetId),
  ])
  return records.map((record) => ({ record, score: decodeScores(scores.get(record.id)!, descriptions) }))
}

/**
 * Judges a batch again without parts of it, against what was known before it.
 *
 * @throws FiableError NOT_FOUND when no such batch was judged.
 */
export async function rootCausesOf(
  context: {
    readonly store: Store
    readonly engine: Engine
    readonly dataset: Tuned
    readonly datasetId: number
  },
  batch: string,
): Promise<readonly RootCause[]> {
  const judged = await loadJudged(context.store, context.datasetId)
  const place = judged.findIndex(({ record }) => record.listing.key === batch)
  if (place < 0)
    throw new FiableError(
      'NOT_FOUND',
      `${context.dataset.name} has no judged batch ${batch}.`,
      'Choose one of the batches that `fiable check --all` lists.',
    )
  const { threshold } = decisionsOf(context.dataset, judged.slice(0, place + 1)).at(-1)!
  const baseline = await buildBaseline(context, judged.slice(0, place))
  if (baseline.history.batches === 0) return []
  return rootCauses({ view: await readView(context, judged[place]!.record), baseline, threshold })
}

/** A dataset's name, and how sensitive its monitor is to be. */
export interface Tuned {
  readonly name: string
  readonly sensitivity: Sensitivity
}

/** Verdicts of judged batches under a sensitivity: a replay, nothing is scanned. */
export function verdictsOf(dataset: Tuned, judged: readonly JudgedBatch[]): readonly Verdict[] {
  const decisions = decisionsOf(dataset, judged)
  return judged.map((_, place) => verdictOf(dataset.name, judged, { place, decision: decisions[place]! }))
}

/** One decision per judged batch under a sensitivity. */
export const decisionsOf = ({ sensitivity }: Tuned, judged: readonly JudgedBatch[]) =>
  decideAll(judged, sensitivity)
