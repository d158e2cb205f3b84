/** An interval counts for at most so many usual ones: an outage saves no alerts. */
const LONGEST_GAP = 4
const SLOWEST_GAP_GAIN = 0.02
const DAY_MS = 86_400_000

/** How fast batches come. */
export interface Pace {
  /** Mean days between batches. */
  gap: number
  lastStartMs: number | null
  batches: number
}

export const createPace = (): Pace => ({ gap: 1, lastStartMs: null, batches: 0 })

/** Days since the batch before, bounded; the mean gap follows. Batches without a time, or out of order, count as one gap. */
export function passTime(pace: Pace, startMs: number | null): number {
  const { lastStartMs, batches } = pace
  pace.batches += 1
  if (startMs === null || lastStartMs === null || startMs <= lastStartMs) {
    pace.lastStartMs ??= startMs
    return pace.gap
  }
  const days = (startMs - lastStartMs) / DAY_MS
  const bounded = batches > 1 ? Math.min(days, LONGEST_GAP * pace.gap) : days
  pace.gap += Math.max(SLOWEST_GAP_GAIN, 1 / Math.max(batches, 1)) * (bounded - pace.gap)
  pace.lastStartMs = startMs
  return bounded
}
