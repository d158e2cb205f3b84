const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The repeating calendars a metric may follow, each with its number of slots. */
export const SEASONS = [
  { name: 'day of week', slots: 7 },
  { name: 'hour of day', slots: 24 },
  { name: 'hour of week', slots: 168 },
] as const

/** Slot of an instant in each of `SEASONS` (UTC, Monday first), or −1 in all when the instant is unknown. */
export function seasonSlots(startMs: number | null): readonly number[] {
  if (startMs === null || !Number.isFinite(startMs)) return [-1, -1, -1]
  // 1 January 1970 was a Thursday, three days after a Monday.
  const day = modulo(Math.floor(startMs / DAY_MS) + 3, 7)
  const hour = Math.floor(modulo(startMs, DAY_MS) / HOUR_MS)
  return [day, hour, day * 24 + hour]
}

const modulo = (a: number, b: number): number => ((a % b) + b) % b
