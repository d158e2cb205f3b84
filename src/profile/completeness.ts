import type { Storage } from '../data/column.ts'
import type { Metric } from '../data/metric.ts'
import type { SampleColumn } from '../data/profile.ts'
import { type Draft, framed, log, onColumn, onTable, rate } from './draft.ts'
import type { History } from './history.ts'
import type { BatchView, ColumnView } from './view.ts'

/** Numbers that often stand for "missing". */
const PLACEHOLDER_NUMBERS = new Set([
  -1, -9, -99, -999, -9999, 999, 9999, 99_999, 999_999, -32_768, 2_147_483_647,
])
/** Texts, trimmed and lower-cased, that often stand for "missing". */
const PLACEHOLDER_TEXTS = new Set(
  ',na,n/a,n.a.,none,null,nan,nil,-,--,?,.,unknown,undefined,missing,inconnu,xx,xxx,tbd,not available,non renseigné'.split(
    ',',
  ),
)
/** Instants that often stand for "missing": the Unix epoch, 1900-01-01 and 9999-12-31, in epoch ms. */
const PLACEHOLDER_TIMES = new Set([0, -2_208_988_800_000, 253_402_214_400_000])

const LONGEST_PLACEHOLDER = Math.max(...[...PLACEHOLDER_TEXTS].map((text) => text.length))

/** True when a value often stands for "missing" in data of its kind. */
export function isPlaceholder(value: number | string, storage: Storage): boolean {
  if (typeof value === 'string') return isPlaceholderText(value.trim())
  return storage === 'time'
    ? PLACEHOLDER_TIMES.has(value)
    : storage === 'number' && PLACEHOLDER_NUMBERS.has(value)
}

/** Long texts are told apart by their length, before they are copied in lower case. */
const isPlaceholderText = (trimmed: string): boolean =>
  trimmed.length <= LONGEST_PLACEHOLDER && PLACEHOLDER_TEXTS.has(trimmed.toLowerCase())

/** How much of the batch is there: rows, nulls, placeholders for null, and the stretch of time it covers. */
export function completeness(batch: BatchView, history: History): Metric[] {
  const metrics = onTable('completeness', tableDrafts(batch, history))
  for (const [name, column] of batch.columns)
    metrics.push(...onColumn('completeness', name, columnDrafts(batch, column)))
  return metrics
}

function tableDrafts(batch: BatchView, history: History): Draft[] {
  const drafts = [log('rowCount', batch.profile.rows, 1)]
  const gapHours = hoursBetween(history.lastStartMs, batch.startMs)
  return gapHours > 0 ? [...drafts, log('hoursSincePrevious', gapHours, 1)] : drafts
}

const hoursBetween = (from: number | null, to: number | null): number =>
  from === null || to === null ? Number.NaN : (to - from) / 3.6e6

function columnDrafts(batch: BatchView, column: ColumnView): Draft[] {
  const { profile } = column
  const drafts = [
    rate('nullFraction', profile.nulls / profile.rows, profile.rows),
    placeholderFraction(column),
  ]
  if (batch.startMs === null || !profile.time) return drafts
  return [...drafts, ...coverage(profile.time, batch.startMs)]
}

/**
 * Of all rows while the frequencies hold every value; else of the sample, since most placeholders would not be among the values
 * that are kept.
 */
function placeholderFraction({ profile, sample }: ColumnView): Draft {
  const { values, counts, level } = profile.frequencies
  const { storage } = profile.column
  if (level > 0 && sample && sample.codes.length <= profile.rows) {
    const rows = rowsAt(sample, placeholdersAmong(sample.values, storage))
    return rate('placeholderFraction', rows / sample.codes.length, sample.codes.length)
  }
  let rows = 0
  for (const at of placeholdersAmong(values, storage)) rows += counts[at]!
  return rate('placeholderFraction', rows / profile.rows, profile.rows)
}

/** Positions of the placeholders among values of one kind. Numbers are searched for, which is quicker than asking each. */
function placeholdersAmong(values: readonly (number | string)[], storage: Storage): readonly number[] {
  if (storage === 'number') return positionsOf(PLACEHOLDER_NUMBERS, values)
  if (storage === 'time') return positionsOf(PLACEHOLDER_TIMES, values)
  return storage === 'boolean' ? [] : placeholderTexts(values as readonly string[])
}

function placeholderTexts(texts: readonly string[]): readonly number[] {
  const found: number[] = []
  for (let i = 0; i < texts.length; i++) if (isPlaceholderText(texts[i]!.trim())) found.push(i)
  return found
}

function positionsOf(wanted: ReadonlySet<number>, values: readonly (number | string)[]): readonly number[] {
  const found: number[] = []
  for (const value of wanted)
    for (let at = values.indexOf(value); at >= 0; at = values.indexOf(value, at + 1)) found.push(at)
  return found
}

/** Rows of a sample that hold the value at one of these positions. */
function rowsAt({ codes, values }: SampleColumn, positions: readonly number[]): number {
  if (positions.length === 0) return 0
  const accepted = new Uint8Array(values.length + 1)
  for (const position of positions) accepted[position + 1] = 1
  let rows = 0
  for (let row = 0; row < codes.length; row++) rows += accepted[codes[row]!]!
  return rows
}

const HOURS = { center: 0, spread: 1 }

/** When a time column starts and ends, in hours from the start of the batch: tells a tail cut off, or late rows. */
function coverage(time: { readonly min: number; readonly max: number }, startMs: number): Draft[] {
  return [
    framed('firstTimeHours', hoursBetween(startMs, time.min), HOURS, 1),
    framed('lastTimeHours', hoursBetween(startMs, time.max), HOURS, 1),
  ]
}
