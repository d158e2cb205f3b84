import type { Metric } from '../data/metric.ts'
import type { Profile } from '../data/profile.ts'
import { kindOf } from './column-history.ts'
import { type CountTable, hasKey, isKept } from './count-table.ts'
import { type Draft, log, novelty, onColumn, onTable, rate } from './draft.ts'
import { type History, rowKeysOf } from './history.ts'
import { type BatchView, type ColumnView, filledRows } from './view.ts'

/** Whether rows and keys repeat: within the batch, and from batches of the past. */
export function uniqueness(batch: BatchView, history: History): Metric[] {
  const metrics = onTable('uniqueness', tableDrafts(batch.profile, history))
  for (const [name, column] of batch.columns)
    metrics.push(...onColumn('uniqueness', name, columnDrafts(column, history)))
  return metrics
}

function tableDrafts(profile: Profile, history: History): Draft[] {
  const drafts = [rate('duplicateFraction', profile.duplicateRows.value / profile.rows, profile.rows)]
  const repeated = repeatedFraction(profile, history)
  if (Number.isFinite(repeated)) drafts.push(novelty('repeatedFromPastFraction', repeated, profile.rows))
  return drafts
}

/** Share of the batch's distinct rows that an earlier batch already held; NaN when nothing is comparable. */
export function repeatedFraction(profile: Profile, history: History): number {
  if (history.batches === 0 || history.rowHash !== profile.rowHash) return Number.NaN
  let kept = 0
  let repeated = 0
  for (const key of rowKeysOf(profile.rowKeys.values)) {
    if (!isKept(key, history.rowKeys.level)) continue
    kept++
    if (hasKey(history.rowKeys, key)) repeated++
  }
  return kept > 0 ? repeated / kept : Number.NaN
}

function columnDrafts(column: ColumnView, history: History): Draft[] {
  const filled = filledRows(column.profile)
  if (filled === 0) return []
  const { value } = column.profile.distinct
  const drafts = [log('distinctCount', value, filled), rate('distinctFraction', value / filled, filled)]
  const past = history.columns.get(column.profile.column.name)
  if (past && past.batches > 0 && kindOf(past) === 'identifier')
    drafts.push(novelty('knownKeyFraction', knownFraction(column, past.values), filled))
  return drafts
}

function knownFraction({ hashes }: ColumnView, values: CountTable): number {
  let kept = 0
  let known = 0
  for (const hash of hashes) {
    if (!isKept(hash, values.level)) continue
    kept++
    if (hasKey(values, hash)) known++
  }
  return kept > 0 ? known / kept : Number.NaN
}
