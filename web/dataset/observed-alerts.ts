import type { VerdictSummary } from '../../src/api/schemas.ts'
import { isContinued } from '../language/server-sentence.ts'

const WEEK_MS = 7 * 86_400_000
/** Weeks looked back over. */
const WINDOW = 26

/** What the alerts of the last half year add up to. */
export interface ObservedAlerts {
  readonly weeks: number
  /** Alerts that began, batches spoiled on purpose left out. */
  readonly began: number
  /** Batches that stayed unusual after one. */
  readonly continued: number
  readonly spoiled: number
  readonly caught: number
}

/** Counts the alerts of the last 26 weeks; null while less than a week is known. */
export function observedAlerts(verdicts: readonly VerdictSummary[]): ObservedAlerts | null {
  const starts = verdicts.flatMap(({ startMs }) => startMs ?? [])
  const last = Math.max(...starts)
  const weeks = Math.min(WINDOW, (last - Math.min(...starts)) / WEEK_MS)
  if (!(weeks >= 1)) return null
  const recent = verdicts.filter(({ startMs }) => startMs !== null && startMs > last - weeks * WEEK_MS)
  const spoiled = recent.filter(({ label }) => label !== null)
  const alerts = recent.filter(({ status, label }) => status === 'alert' && label === null)
  const continued = alerts.filter(({ reason }) => isContinued(reason)).length
  return {
    weeks,
    began: alerts.length - continued,
    continued,
    spoiled: spoiled.length,
    caught: spoiled.filter(({ status }) => status === 'alert').length,
  }
}
