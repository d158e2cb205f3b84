import type { Dimension } from '../data/dimension.ts'
import { formatValue } from '../data/metric-words.ts'
import type { Finding } from '../data/verdict.ts'
import { type ColumnHistory, kindOf } from '../profile/column-history.ts'
import { type History, replayOf } from '../profile/history.ts'
import { type BatchView, type ColumnView, filledRows } from '../profile/view.ts'

/** A rule that needs no statistics: what it finds alerts whatever the alert budget, from the second batch on. */
export type AbsoluteFinding = Omit<
  Finding,
  'centerLine' | 'lowerLimit' | 'upperLimit' | 'surprise' | 'absolute' | 'belowFloor' | 'recent' | 'evidence'
>

/** Nulls in a column that never had any: this share of the rows is too much to be a slip. */
const NULL_JUMP = 0.05
/** Unreadable values: this share means that the column changed its type. */
const UNREADABLE_JUMP = 0.05
/** Duplicates in a table that never had any. */
const DUPLICATE_JUMP = 0.05
/** A key that never repeated may repeat up to here before it is called lost. */
const KEY_LOSS = 0.01
/** Rows a column must have shown before "never" means something. */
const MIN_ROWS = 100

/** Everything the absolute rules say of a batch. Most serious first. */
export function absoluteFindings(batch: BatchView, history: History): readonly AbsoluteFinding[] {
  if (batch.profile.rows === 0) return history.rows > 0 || history.batches === 0 ? [emptyBatch()] : []
  if (history.batches === 0) return []
  return [
    ...schemaFindings(batch, history),
    ...replayFindings(batch, history),
    ...duplicateFindings(batch, history),
    ...columnFindings(batch, history),
  ]
}

const table = (
  dimension: Dimension,
  metric: string,
  told: { value: number; message: string; columns?: readonly string[] },
): AbsoluteFinding => ({
  dimension,
  entity: told.columns ? 'column' : 'table',
  instance: told.columns?.[0] ?? '',
  columns: told.columns ?? [],
  metric,
  value: told.value,
  message: told.message,
})

const emptyBatch = (): AbsoluteFinding =>
  table('completeness', 'rowCount', { value: 0, message: 'The batch has no rows.' })

function* schemaFindings(batch: BatchView, history: History): Generator<AbsoluteFinding> {
  for (const name of history.columns.keys())
    if (!batch.columns.has(name))
      yield table('completeness', 'columnMissing', {
        value: 0,
        message: `Column ${name} is missing.`,
        columns: [name],
      })
  for (const [name, { profile }] of batch.columns)
    if (!history.columns.has(name))
      yield table('completeness', 'columnAdded', {
        value: 1,
        message: `Column ${name} (${profile.column.type}) is new.`,
        columns: [name],
      })
}

function* replayFindings(batch: BatchView, history: History): Generator<AbsoluteFinding> {
  const earlier = replayOf(history, batch)
  if (earlier !== null)
    yield table('uniqueness', 'batchReplayed', {
      value: 1,
      message: `The batch has the same content as ${earlier}: it was delivered twice.`,
    })
}

function* duplicateFindings(batch: BatchView, history: History): Generator<AbsoluteFinding> {
  const share = batch.profile.duplicateRows.value / batch.profile.rows
  if (history.maxDuplicateShare === 0 && history.rows >= MIN_ROWS && share >= DUPLICATE_JUMP)
    yield table('uniqueness', 'duplicateFraction', {
      value: share,
      message: `${formatValue(share, 'percent')} of the rows are duplicates; there were none before.`,
    })
}

function* columnFindings(batch: BatchView, history: History): Generator<AbsoluteFinding> {
  for (const [name, column] of batch.columns) {
    const past = history.columns.get(name)
    if (!past) continue
    yield* unreadableFindings(name, column, past)
    if (past.filled + past.nulls >= MIN_ROWS) yield* judgeColumn(name, column, past)
  }
}

function* judgeColumn(name: string, column: ColumnView, past: ColumnHistory): Generator<AbsoluteFinding> {
  const { profile } = column
  const nulls = profile.nulls / profile.rows
  const told = (value: number, message: string) => ({ value, message, columns: [name] })
  if (past.nulls === 0 && nulls >= NULL_JUMP)
    yield table(
      'completeness',
      'nullFraction',
      told(nulls, `${name} is null in ${formatValue(nulls, 'percent')} of the rows; it never was before.`),
    )
  else if (past.filled > 0 && nulls === 1)
    yield table('completeness', 'nullFraction', told(1, `${name} is entirely null.`))
  yield* keyFindings(name, column, past)
}

function* unreadableFindings(
  name: string,
  { profile }: ColumnView,
  past: ColumnHistory,
): Generator<AbsoluteFinding> {
  const value = profile.invalid / profile.rows
  if (value < UNREADABLE_JUMP) return
  const message = `${formatValue(value, 'percent')} of ${name} cannot be read as ${past.column.type}.`
  yield table('conformity', 'unreadableFraction', { value, message, columns: [name] })
}

function* keyFindings(
  name: string,
  { profile }: ColumnView,
  past: ColumnHistory,
): Generator<AbsoluteFinding> {
  const filled = filledRows(profile)
  const repeated = filled > 0 ? (filled - profile.distinct.value) / filled : 0
  if (kindOf(past) !== 'identifier' || past.uniqueness < past.batches || repeated <= KEY_LOSS) return
  const message = `${name} never repeated within a batch; now ${formatValue(repeated, 'percent')} of its values do.`
  yield table('uniqueness', 'distinctFraction', { value: 1 - repeated, message, columns: [name] })
}
