import type { AlertBudget } from '../calibration/alert-budget.ts'
import { replayDecisions, type ScoredBatch } from '../calibration/replay-decisions.ts'
import type { Sensitivity } from '../calibration/sensitivity.ts'
import type { BatchListing } from '../data/batch.ts'
import type { Column } from '../data/column.ts'
import type { ColumnProfile, Profile, RowSample, SampleColumn } from '../data/profile.ts'
import type { OnProgress } from '../data/progress.ts'
import { type BatchScore, createTableScorer, type TableScorer } from '../detectors/table-scorer.ts'
import type { Engine } from '../engines/duckdb.ts'
import { emptyHistory, type History, learnBatch, noteArrival } from '../profile/history.ts'
import { measure } from '../profile/measure.ts'
import { profileSample } from '../profile/profile-sample.ts'
import { readSample } from '../profile/sample-file.ts'
import { type BatchView, viewBatch } from '../profile/view.ts'
import type { Store } from '../tracking/store.ts'
import { type AbsoluteFinding, absoluteFindings } from './absolute-rules.ts'
import type { JudgedBatch } from './baseline.ts'
import { scorerOptions } from './baseline.ts'
import { coldStart } from './cold-start.ts'
import { PROVISIONAL_UNTIL } from './provisional.ts'

/** What the monitor would have said of a batch, had it held these rows. */
export interface Rehearsed {
  readonly score: BatchScore
  readonly absolute: readonly AbsoluteFinding[]
  /** Under the alert budget in force, at this place of the history. */
  readonly isAlert: boolean
  readonly threshold: number
}

/** A batch to rehearse: its rows, and whether the monitor learnt it. */
export interface RehearsedBatch {
  readonly listing: Pick<BatchListing, 'key' | 'startMs' | 'endMs'>
  readonly label: string | null
  readonly inBaseline: boolean
  /** The rows kept of it: all, or a sample of 20,000. */
  readonly sample: RowSample
}

/** One batch, with the monitor as it stood before it. */
export interface Stand {
  readonly batch: RehearsedBatch
  readonly previous: RowSample | null
  readonly clean: Rehearsed
  /** Judges other rows in its place; nothing is stored and nothing is learnt. */
  judge(sample: RowSample): Rehearsed
}

/**
 * Goes through batches in their order, the monitor learning those of the baseline, and stops at each so that other rows
 * can be judged in its place.
 *
 * Batches above 20,000 rows are rehearsed on a sample of that size: their volume is not rehearsed.
 */
export async function* rehearse(
  batches: AsyncIterable<RehearsedBatch>,
  budget: Sensitivity | AlertBudget,
): AsyncGenerator<Stand> {
  const history = emptyHistory()
  let scorer = createTableScorer()
  let previous: RowSample | null = null
  const past: ScoredBatch[] = []
  for await (const batch of batches) {
    if (history.batches === 0 && batch.sample.rows > 0) scorer = startingScorer(batch.sample)
    const judge = (rows: RowSample): Rehearsed => judgeRows(rows, batch, { history, scorer, past, budget })
    const clean = judge(batch.sample)
    yield { batch, previous, clean, judge }
    past.push(scoredOf(batch, clean.score, clean.absolute.length > 0))
    if (batch.inBaseline) {
      scorer.learn({
        metrics: clean.score.series.map(({ metric }) => metric),
        startMs: batch.listing.startMs,
      })
      learnBatch(history, viewRows(batch, batch.sample, history))
    }
    if (batch.label === null) noteArrival(history, batch.listing.startMs)
    previous = batch.sample
  }
}

/** The judged batches of a store, in their order, to be rehearsed. */
export async function* storedBatches(
  context: { readonly store: Store; readonly engine: Engine; readonly onProgress?: OnProgress },
  judged: readonly JudgedBatch[],
): AsyncGenerator<RehearsedBatch> {
  for (const [i, { record }] of judged.entries()) {
    context.onProgress?.({ stage: 'rehearsing', done: i, total: judged.length })
    const { listing, label, inBaseline, sampleDigest } = record
    yield {
      listing,
      label,
      inBaseline,
      sample: await readSample(context.engine, context.store.artifacts.pathOf(sampleDigest)),
    }
  }
}

interface Standing {
  readonly history: History
  readonly scorer: TableScorer
  readonly past: readonly ScoredBatch[]
  readonly budget: Sensitivity | AlertBudget
}

function judgeRows(
  rows: RowSample,
  batch: RehearsedBatch,
  { history, scorer, past, budget }: Standing,
): Rehearsed {
  const view = viewRows(batch, rows, history)
  const score = scorer.score({ metrics: measure(view, history), startMs: batch.listing.startMs })
  const absolute = absoluteFindings(view, history)
  const decision = replayDecisions([...past, scoredOf(batch, score, absolute.length > 0)], budget).at(-1)!
  return {
    score,
    absolute,
    isAlert: decision.alert || decision.continued.length > 0,
    threshold: decision.threshold,
  }
}

function startingScorer(sample: RowSample): ReturnType<typeof createTableScorer> {
  const start = coldStart(sample)
  return createTableScorer(scorerOptions({ ...start, withinVariance: [...start.withinVariance] }))
}

const scoredOf = ({ listing }: RehearsedBatch, score: BatchScore, absolute: boolean): ScoredBatch => ({
  startMs: listing.startMs,
  columns: score.columns,
  dimensions: score.dimensions,
  cases: score.cases,
  worth: score.expected.worth,
  provisional: score.known < PROVISIONAL_UNTIL,
  absolute,
})

/** Rows as a scan would have seen them: columns of another storage are read as the type that history knows. */
function viewRows({ listing }: RehearsedBatch, rows: RowSample, history: History): BatchView {
  const unreadable = new Map<string, number>()
  const columns = rows.columns.map((column) => {
    const expected = history.columns.get(column.column.name)?.column
    if (!expected || expected.storage === column.column.storage) return column
    const read = readAs(column, expected)
    unreadable.set(expected.name, read.invalid)
    return read.column
  })
  const sample = { ...rows, columns }
  return viewBatch(listing, withInvalid(profileSample(sample), unreadable), sample)
}

/** Parses the texts of a column as numbers or ISO times; those that do not parse are counted and become null. */
function readAs(
  column: SampleColumn,
  expected: Column,
): { readonly column: SampleColumn; readonly invalid: number } {
  const parsed = column.values.map((value) => parseAs(value, expected))
  const kept = parsed.map((value, i) => ({ value, i })).filter(({ value }) => value !== null)
  const recode = new Uint32Array(column.values.length + 1)
  for (const [place, { i }] of kept.entries()) recode[i + 1] = place + 1
  const codes = column.codes.map((code) => recode[code]!)
  let invalid = 0
  for (let row = 0; row < codes.length; row++) if (column.codes[row]! > 0 && codes[row] === 0) invalid++
  return {
    column: {
      column: expected,
      codes,
      values: kept.map(({ value }) => value!) as readonly number[] | readonly string[],
    },
    invalid,
  }
}

function parseAs(value: number | string, { storage }: Column): number | string | null {
  if (storage === 'string' || storage === 'nested') return String(value)
  if (storage === 'boolean')
    return value === 'true' || value === 1 ? 1 : value === 'false' || value === 0 ? 0 : null
  const ms =
    storage === 'time' && typeof value === 'string'
      ? Date.parse(/^\d{4}-/.test(value) ? `${value.replace(' ', 'T')}Z` : 'no')
      : Number(value)
  return Number.isFinite(ms) && value !== '' ? ms : null
}

function withInvalid(profile: Profile, unreadable: ReadonlyMap<string, number>): Profile {
  if (unreadable.size === 0) return profile
  const mend = (column: ColumnProfile): ColumnProfile => {
    const invalid = unreadable.get(column.column.name) ?? 0
    return invalid === 0 ? column : { ...column, invalid, nulls: column.nulls - invalid }
  }
  return { ...profile, columns: profile.columns.map(mend) }
}
