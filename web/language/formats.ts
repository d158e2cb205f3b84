import type { Cause } from '../../src/api/schemas.ts'
import { createDurations } from './durations.ts'

export type Unit = Cause['unit']

const DAY_MS = 86_400_000

/** Numbers and dates as the language writes them. Times are shown in UTC, the time zone batches are cut in by default. */
export interface Formats {
  value(value: number | null, unit: Unit): string
  /** A score in nats, without its unit. */
  score(value: number | null): string
  count(value: number): string
  rate(value: number): string
  day(epochMs: number): string
  /** With the hour, where batches are shorter than a day. */
  instant(epochMs: number): string
  /** Always with the hour and the minute. */
  minute(epochMs: number): string
  shortDay(epochMs: number): string
  month(epochMs: number): string
  ago(epochMs: number, nowMs: number): string
  /** How long something took, in at most two units. */
  duration(ms: number): string
}

export function createFormats(locale: string): Formats {
  const dates = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options })
  const long = dates({ dateStyle: 'long' })
  const withTime = dates({ dateStyle: 'medium', timeStyle: 'short' })
  const short = dates({ day: 'numeric', month: 'short' })
  const monthOfYear = dates({ month: 'short', year: 'numeric' })
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const rate = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const compact = compactNumbers(locale)
  return {
    value: (value, unit) => (value === null ? '?' : formatValue(value, unit, { compact, whole })),
    score: (value) => (value === null ? '∞' : tenth.format(value)),
    count: (value) => whole.format(value),
    rate: (value) => rate.format(value),
    day: (epochMs) => long.format(epochMs),
    instant: (epochMs) => (epochMs % DAY_MS === 0 ? long : withTime).format(epochMs),
    minute: (epochMs) => withTime.format(epochMs),
    shortDay: (epochMs) => short.format(epochMs),
    month: (epochMs) => monthOfYear.format(epochMs),
    duration: createDurations(locale),
    ago: (epochMs, nowMs) => agoOf(relative, epochMs - nowMs),
  }
}

type Compact = (value: number, style?: 'percent' | 'decimal') => string

function formatValue(
  value: number,
  unit: Unit,
  { compact, whole }: { compact: Compact; whole: Intl.NumberFormat },
): string {
  if (unit === 'percent') return compact(value, 'percent')
  if (unit === 'count') return whole.format(value)
  if (unit === 'hours') return `${compact(value)} h`
  return compact(value)
}

/** About three significant digits, as the server writes them; formatters are kept, for making one is slow. */
function compactNumbers(locale: string): Compact {
  const made = new Map<string, Intl.NumberFormat>()
  const format = (style: 'percent' | 'decimal', digits: number): Intl.NumberFormat => {
    const key = `${style} ${digits}`
    const found =
      made.get(key) ??
      new Intl.NumberFormat(locale, { style, maximumFractionDigits: digits, minimumFractionDigits: 0 })
    made.set(key, found)
    return found
  }
  const scientific = new Intl.NumberFormat(locale, { notation: 'scientific', maximumFractionDigits: 2 })
  return (value, style = 'decimal') => {
    const size = Math.abs(style === 'percent' ? value * 100 : value)
    if (style === 'decimal' && size !== 0 && (size < 1e-3 || size >= 1e9)) return scientific.format(value)
    return format(style, size >= 1000 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3).format(value)
  }
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', DAY_MS],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

function agoOf(relative: Intl.RelativeTimeFormat, differenceMs: number): string {
  for (const [unit, lengthMs] of steps)
    if (Math.abs(differenceMs) >= lengthMs) return relative.format(Math.trunc(differenceMs / lengthMs), unit)
  return relative.format(0, 'minute')
}
