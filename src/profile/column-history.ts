import type { Column, ColumnKind } from '../data/column.ts'
import type { Frame } from '../data/metric.ts'
import type { ColumnProfile, NumberProfile } from '../data/profile.ts'
import { distributionOf } from './bucket-distribution.ts'
import { type Buckets, bucketsOf, noBuckets, poured } from './buckets.ts'
import {
  addCount,
  type CountTable,
  countOf,
  countTable,
  hasKey,
  placeOf,
  raiseLevel,
  reserve,
} from './count-table.ts'
import { hash53 } from './hash53.ts'
import { frameOf } from './number-frame.ts'
import { isComplete, learnTexts, type TextHistory, textHistory } from './text-novelty.ts'
import { type ColumnView, filledRows } from './view.ts'

/** Batches whose numbers form the reference distribution. */
const POOL_BATCHES = 60
const VALUE_BUDGET = 1 << 17
const PATTERN_BUDGET = 1 << 14
/** Column of `ColumnHistory.values`. */
const SQUARED_SHARES = 1

/** What past batches taught about one column. Mutable: grows by `learnColumn`. */
export interface ColumnHistory {
  readonly column: Column
  batches: number
  /** Rows with a value. */
  filled: number
  nulls: number
  /** Batches that had at least one null. */
  batchesWithNulls: number
  /** Sum over batches of distinct / filled: near 1 for an identifier. */
  uniqueness: number
  maxDistinct: number
  /**
   * Per value hash its rows, and the sum over batches of its squared share, which gives the between-batch variance of a
   * share. Empty for times, which are always new.
   */
  readonly values: CountTable
  readonly patterns: CountTable
  readonly texts: TextHistory | null
  readonly numbers: NumberHistory | null
}

/** Pool of the numbers of recent batches, as buckets of `NumberProfile`. */
export interface NumberHistory {
  min: number
  max: number
  readonly recent: Buckets[]
  /** Rows per bucket over `recent`. */
  pool: Buckets
  poolRows: number
  /** Fixed by the first batch that holds numbers. */
  frame: Frame | null
}

/** A column about which nothing is known. */
export function columnHistory(column: Column): ColumnHistory {
  const numeric = column.storage === 'number' || column.storage === 'boolean'
  return {
    column,
    batches: 0,
    filled: 0,
    nulls: 0,
    batchesWithNulls: 0,
    uniqueness: 0,
    maxDistinct: 0,
    values: countTable(VALUE_BUDGET, 2),
    patterns: countTable(PATTERN_BUDGET),
    texts: column.storage === 'string' ? textHistory() : null,
    numbers: numeric
      ? { min: Infinity, max: -Infinity, recent: [], pool: noBuckets, poolRows: 0, frame: null }
      : null,
  }
}

/** What the column is to a person, given all that was seen of it. */
export function kindOf(history: ColumnHistory): ColumnKind {
  const { storage } = history.column
  if (storage === 'time' || storage === 'boolean' || storage === 'nested') return storage
  const uniqueness = history.batches > 0 ? history.uniqueness / history.batches : 0
  if (uniqueness > 0.99 && history.filled / Math.max(1, history.batches) > 20)
    return isWhole(history) ? 'identifier' : 'numeric'
  if (storage === 'number') return 'numeric'
  return history.maxDistinct <= 200 || uniqueness < 0.05 ? 'categorical' : 'text'
}

/** Texts and whole numbers may identify rows; measurements with decimals are only rarely equal. */
const isWhole = (history: ColumnHistory): boolean =>
  history.column.storage === 'string' || /INT/.test(history.column.type)

/** Rows from which a batch alone tells that a column identifies rows. */
const TELLING_ROWS = 20

/** True when a column numbers or names the rows: its order of magnitude grows from batch to batch and means nothing. */
export function isIdentifier(profile: ColumnProfile, past: ColumnHistory | undefined): boolean {
  if (past && past.batches > 0) return kindOf(past) === 'identifier'
  const filled = filledRows(profile)
  return /INT/.test(profile.column.type) && filled >= TELLING_ROWS && profile.distinct.value >= 0.99 * filled
}

/** Folds one batch's column into what is known of it. */
export function learnColumn(history: ColumnHistory, view: ColumnView): void {
  const { profile } = view
  const filled = filledRows(profile)
  history.batches++
  history.filled += filled
  history.nulls += profile.nulls
  if (profile.nulls > 0) history.batchesWithNulls++
  history.uniqueness += filled > 0 ? profile.distinct.value / filled : 1
  history.maxDistinct = Math.max(history.maxDistinct, profile.distinct.value)
  if (history.texts && isComplete(history.texts)) learnTexts(history.texts, newTexts(history, view))
  if (profile.column.storage !== 'time') learnValues(history.values, view)
  if (profile.text) learnPatterns(history, profile)
  if (history.numbers && profile.number) learnNumbers(history.numbers, profile.number)
}

function newTexts({ values }: ColumnHistory, { profile, hashes }: ColumnView): readonly string[] {
  const texts = profile.frequencies.values as readonly string[]
  return texts.filter((_, i) => !hasKey(values, hashes[i]!))
}

function learnValues(values: CountTable, { profile, hashes }: ColumnView): void {
  const { counts, level } = profile.frequencies
  const rows = Math.max(1, profile.rows)
  raiseLevel(values, level)
  reserve(values, hashes.length)
  for (let i = 0; i < hashes.length; i++) {
    const at = placeOf(values, hashes[i]!)
    if (at < 0) continue
    values.sums[at]! += counts[i]!
    values.sums[at + SQUARED_SHARES]! += (counts[i]! / rows) ** 2
  }
}

function learnPatterns(history: ColumnHistory, profile: ColumnProfile): void {
  const { values, counts, level } = profile.text!.patterns
  raiseLevel(history.patterns, level)
  for (let i = 0; i < values.length; i++) addCount(history.patterns, hash53(values[i]!), counts[i]!)
}

function learnNumbers(history: NumberHistory, numbers: NumberProfile): void {
  if (numbers.buckets.count.length === 0) return
  history.min = Math.min(history.min, numbers.min)
  history.max = Math.max(history.max, numbers.max)
  history.frame ??= frameOf(distributionOf(numbers.buckets))
  const buckets = bucketsOf(numbers.buckets)
  history.recent.push(buckets)
  history.pool = poured(history.pool, buckets, 1)
  if (history.recent.length > POOL_BATCHES) history.pool = poured(history.pool, history.recent.shift()!, -1)
  history.poolRows = history.pool.count.reduce((sum, count) => sum + count, 0)
}

/** Share of all past rows that held the value of this hash. */
export const pastShare = (history: ColumnHistory, hash: number): number =>
  history.filled + history.nulls > 0 ? countOf(history.values, hash) / (history.filled + history.nulls) : 0

/** Variance between batches of the share of rows that hold the value of this hash, which is `share` on the whole. */
export const betweenVariance = (past: ColumnHistory, hash: number, share: number): number =>
  Math.max(0, countOf(past.values, hash, SQUARED_SHARES) / past.batches - share * share)
