import { type Every, periodSpan, type Span } from './calendar.ts'

interface NamedPeriod {
  readonly pattern: RegExp
  readonly every: Every
}

const YEAR = '(?<year>(?:19|20)\\d\\d)'
const DATE = `(?<!\\d)${YEAR}(?<gap>[-_./]?)(?<month>0[1-9]|1[0-2])\\k<gap>(?<day>0[1-9]|[12]\\d|3[01])`

/** Finest first: the first pattern that occurs in the name decides. */
const namedPeriods: readonly NamedPeriod[] = [
  {
    pattern: new RegExp(`${DATE}[T _-]?(?<hour>[01]\\d|2[0-3])(?:[-:_h]?[0-5]\\d){0,2}Z?(?!\\d)`, 'g'),
    every: 'hour',
  },
  { pattern: new RegExp(`${DATE}(?!\\d)`, 'g'), every: 'day' },
  { pattern: new RegExp(`(?<!\\d)${YEAR}-?W(?<week>0[1-9]|[1-4]\\d|5[0-3])(?!\\d)`, 'g'), every: 'week' },
  { pattern: new RegExp(`(?<!\\d)${YEAR}[-_./](?<month>0[1-9]|1[0-2])(?![-_./]?\\d)`, 'g'), every: 'month' },
]

const DAY = 86_400_000

/** Monday of ISO week 1 is the Monday of the week that holds 4 January. */
function mondayOf(year: number, week: number): number {
  const fourth = Date.UTC(year, 0, 4)
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY + (week - 1) * 7 * DAY
}

function localStart(groups: Record<string, string | undefined>): number | null {
  const number = (name: string, otherwise: number): number => Number(groups[name] ?? otherwise)
  if (groups.week) return mondayOf(number('year', 0), number('week', 1))
  const day = number('day', 1)
  const start = Date.UTC(number('year', 0), number('month', 1) - 1, day, number('hour', 0))
  return new Date(start).getUTCDate() === day ? start : null
}

/**
 * The period a file's name speaks of: `orders-2024-03-01.csv`, `20240301`, `2024-03`, `2024-W09`, `2024-03-01T05`.
 *
 * The last such date of the name counts, so that a dated folder gives way to a dated file.
 *
 * @returns Its instants, read in `timeZone`; null when the name holds no date.
 */
export function spanOfName(name: string, timeZone: string): Span | null {
  for (const { pattern, every } of namedPeriods) {
    const last = [...name.matchAll(pattern)].at(-1)
    const start = last ? localStart({ ...last.groups }) : null
    if (start !== null) return periodSpan(start, every, timeZone)
  }
  return null
}
