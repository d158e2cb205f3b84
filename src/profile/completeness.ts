import type { Metric } from '../data/metric.ts'
import type { SampleColumn } from '../data/profile.ts'
import type { ColumnHistory } from './column-history.ts'
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
export function isPlaceholder(value: number | string, storage: ColumnHistory['column']['storage']): boolean {
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
  const isOne = (value: number | string): boolean => isPlaceholder(value, profile.column.storage)
  if (level > 0 && sample && sample.codes.length <= profile.rows)
    return rate('placeholderFraction', sampledRows(sample, isOne) / sample.codes.length, sample.codes.length)
  let rows = 0
  for (let i = 0; i < values.length; i++) if (isOne(values[i]!)) rows += counts[i]!
  return rate('placeholderFraction', rows / profile.rows, profile.rows)
}

/** Rows of a sample whose value is accepted. */
function sampledRows({ codes, values }: SampleColumn, accept: (value: number | string) => boolean): number {
  const accepted = new Uint8Array(values.length + 1)
  let areAny = false
  for (let i = 0; i < values.length; i++) {
    if (!accept(values[i]!)) continue
    accepted[i + 1] = 1
    areAny = true
  }
  let rows = 0
  for (let row = 0; areAny && row < codes.length; row++) rows += accepted[codes[row]!]!
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
