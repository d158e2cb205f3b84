import { FiableError } from '../data/errors.ts'

export const periods = ['hour', 'day', 'week', 'month'] as const

/** A calendar period that one batch covers. */
export type Every = (typeof periods)[number]

/** Instants [startMs, endMs) in epoch milliseconds. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

/** Days since Monday of the week a wall-clock time lies in, 0–6. */
const weekday = (localMs: number): number => (new Date(localMs).getUTCDay() + 6) % 7

/** ISO 8601 week, such as `2024-W09`: the week belongs to the year that holds its Thursday. */
function weekKey(localMs: number): string {
  const thursday = new Date(localMs + (3 - weekday(localMs)) * DAY)
  const year = thursday.getUTCFullYear()
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY))
  return `${pad(year, 4)}-W${pad(week)}`
}

/**
 * The ISO 8601 name of a period: `2024-03-01T05`, `2024-03-01`, `2024-W09` or `2024-03`; sorts as text.
 *
 * @param localMs - Start of the period on the wall clock, as if that clock showed UTC.
 */
export function periodKey(localMs: number, every: Every): string {
  if (every === 'week') return weekKey(localMs)
  const date = new Date(localMs)
  const month = `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1)}`
  if (every === 'month') return month
  const day = `${month}-${pad(date.getUTCDate())}`
  return every === 'day' ? day : `${day}T${pad(date.getUTCHours())}`
}

function nextPeriod(localMs: number, every: Every): number {
  if (every === 'hour') return localMs + HOUR
  if (every === 'day') return localMs + DAY
  if (every === 'week') return localMs + 7 * DAY
  const date = new Date(localMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, format)
  return format
}

/**
 * What the wall clock of a zone shows at an instant, as if that clock showed UTC, to the second.
 *
 * UTC is told without the database of zones: loading it takes a tenth of a short check.
 */
export function wallClock(instantMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return Math.floor(instantMs / 1000) * 1000
  const part = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  return Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!)
}

/**
 * The first instant at which the wall clock of a zone shows a time; where the clock skips that time, the instant of the
 * skip.
 */
export function instantOf(localMs: number, timeZone: string): number {
  const offsetAt = (instantMs: number): number => wallClock(instantMs, timeZone) - instantMs
  const before = localMs - offsetAt(localMs - DAY)
  const after = localMs - offsetAt(localMs + DAY)
  const shown = [before, after].filter((instant) => wallClock(instant, timeZone) === localMs)
  return shown.length > 0 ? Math.min(...shown) : before
}

/**
 * The instants a period covers: a day is 23 or 25 hours long when the zone changes its clock, and the wall-clock hour
 * that occurs twice in autumn is one period of two hours.
 */
export function periodSpan(localMs: number, every: Every, timeZone: string): Span {
  return {
    startMs: instantOf(localMs, timeZone),
    endMs: instantOf(nextPeriod(localMs, every), timeZone),
  }
}

/**
 * The zone, once known to exist.
 *
 * @throws FiableError BAD_CONFIG when the IANA database has no such zone.
 */
export function checkedTimeZone(timeZone: string): string {
  if (timeZone === 'UTC') return timeZone
  try {
    formatOf(timeZone)
    return timeZone
  } catch (cause) {
    throw new FiableError(
      'BAD_CONFIG',
      `timeZone is '${timeZone}', but must be an IANA time zone.`,
      'Set timeZone to a name such as Europe/Paris, America/New_York or UTC.',
      { cause },
    )
  }
}

/**
 * The period, once known to be one.
 *
 * @throws FiableError BAD_CONFIG when it is none.
 */
export function checkedEvery(every: string | undefined): Every {
  const found = periods.find((period) => period === (every ?? 'day'))
  if (found) return found
  throw new FiableError(
    'BAD_CONFIG',
    `every is '${every}', but must be one of ${periods.join(', ')}.`,
    `Set every to one of ${periods.join(', ')}.`,
  )
}
