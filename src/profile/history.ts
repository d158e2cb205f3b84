import { type ColumnHistory, columnHistory, learnColumn } from './column-history.ts'
import { addKey, type CountTable, countTable, raiseLevel, reserve } from './count-table.ts'
import { learnPairs, type PairHistory } from './pairs.ts'
import { rowKeyNumbers } from './row-keys.ts'
import { learnRules, type RuleBook, ruleBook } from './rules.ts'
import type { BatchView } from './view.ts'

/** Version of the history's meaning: a cached one of another version is rebuilt from the stored profiles. */
export const HISTORY_VERSION = 6

const ROW_KEY_BUDGET = 1 << 18

/**
 * What all batches of the baseline taught: vocabularies, pools, pairs and rules that a new batch is measured against.
 *
 * Plain data, mutable by `learnBatch` alone; rebuilt at will from stored profiles and samples, in the same order.
 */
export interface History {
  readonly version: number
  batches: number
  rows: number
  lastStartMs: number | null
  /** Highest share of duplicated rows of any batch. */
  maxDuplicateShare: number
  readonly columns: Map<string, ColumnHistory>
  /** Hash of the engine that made `rowKeys`; row keys of another are not comparable. */
  rowHash: string | null
  rowKeys: CountTable
  /** Batch key by fingerprint of all non-time columns together. */
  readonly fingerprints: Map<string, string>
  pairs: PairHistory
  rules: RuleBook
}

/** A history of nothing. */
export const emptyHistory = (): History => ({
  version: HISTORY_VERSION,
  batches: 0,
  rows: 0,
  lastStartMs: null,
  maxDuplicateShare: 0,
  columns: new Map(),
  rowHash: null,
  rowKeys: countTable(ROW_KEY_BUDGET, 0),
  fingerprints: new Map(),
  pairs: { pairs: [], warmUp: [], selectedAt: 0 },
  rules: ruleBook(),
})

/**
 * Order-insensitive digest of a batch's content without its time columns: equal for a file delivered twice under two dates.
 * Null when the batch is too small or too plain for equality to mean anything.
 */
export function contentFingerprint(batch: BatchView): string | null {
  const columns = batch.profile.columns.filter((column) => column.column.storage !== 'time')
  const isTelling = batch.profile.rows >= 20 && columns.some((column) => column.distinct.value >= 10)
  return isTelling
    ? columns.map((column) => `${column.column.name}:${column.nulls}:${column.fingerprint}`).join('|')
    : null
}

/** Folds a batch of the baseline into the history. */
export function learnBatch(history: History, batch: BatchView): void {
  history.batches++
  history.rows += batch.profile.rows
  noteArrival(history, batch.startMs)
  for (const [name, column] of batch.columns) {
    let past = history.columns.get(name)
    if (!past || past.column.storage !== column.profile.column.storage) {
      past = columnHistory(column.profile.column)
      history.columns.set(name, past)
    }
    learnColumn(past, column)
  }
  const { duplicateRows, rows } = batch.profile
  history.maxDuplicateShare = Math.max(history.maxDuplicateShare, rows > 0 ? duplicateRows.value / rows : 0)
  learnRowKeys(history, batch)
  const fingerprint = contentFingerprint(batch)
  if (fingerprint !== null && !history.fingerprints.has(fingerprint))
    history.fingerprints.set(fingerprint, batch.key)
  learnRules(history.rules, batch)
  learnPairs(history, batch)
}

function learnRowKeys(history: History, { profile }: BatchView): void {
  if (history.rowHash !== profile.rowHash) {
    history.rowHash = profile.rowHash
    history.rowKeys = countTable(ROW_KEY_BUDGET, 0)
  }
  reserve(history.rowKeys, profile.rowKeys.counts.length)
  raiseLevel(history.rowKeys, profile.rowKeys.level)
  const keys = rowKeyNumbers(profile.rowKeys)
  reserve(history.rowKeys, keys.length)
  for (let i = 0; i < keys.length; i++) addKey(history.rowKeys, keys[i]!)
}

/** The batch, when an earlier one, that holds the same content. */
export function replayOf(history: History, batch: BatchView): string | null {
  const fingerprint = contentFingerprint(batch)
  const earlier = fingerprint === null ? undefined : history.fingerprints.get(fingerprint)
  return earlier === undefined || earlier === batch.key ? null : earlier
}

/** Notes when a batch came, learnt or not: the next one is not late because this one was bad. */
export function noteArrival(history: History, startMs: number | null): void {
  history.lastStartMs = startMs ?? history.lastStartMs
}
