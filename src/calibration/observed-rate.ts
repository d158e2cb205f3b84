import { poissonInterval } from '../math/poisson.ts'
import type { Decision, ScoredBatch } from './replay-decisions.ts'

/** How often a monitor alerted, beside what was asked. */
export interface ObservedRate {
  readonly alerts: number
  readonly weeks: number
  readonly perWeek: number
  /** 95 % interval of `perWeek`, if alerts were independent. */
  readonly interval: readonly [low: number, high: number]
  /** Below eight weeks the budget is still being learnt. */
  readonly learning: boolean
}

const WEEK_MS = 7 * 86_400_000
const LEARNING_WEEKS = 8

/**
 * Counts the alerts of the last `weeks` weeks that spent the budget (absolute rules do not).
 *
 * @param history - With `decisions` of the same length; batches without a start are left out.
 * @returns null when no two batches have a start.
 */
export function observedRate(
  history: readonly ScoredBatch[],
  decisions: readonly Decision[],
  weeks = 26,
): ObservedRate | null {
  const dated = history.flatMap(({ startMs }, i) =>
    startMs === null ? [] : [{ startMs, spent: decisions[i]!.columns.length > 0 }],
  )
  const starts = dated.map(({ startMs }) => startMs)
  const [first, last] = [Math.min(...starts), Math.max(...starts)]
  if (!(last > first)) return null
  // The last batch covers one interval more than the starts span.
  const known = (last - first) / WEEK_MS / (1 - 1 / dated.length)
  const span = Math.min(weeks, known)
  const alerts = dated.filter(({ startMs, spent }) => spent && startMs > last - span * WEEK_MS).length
  const [low, high] = poissonInterval(alerts)
  return {
    alerts,
    weeks: span,
    perWeek: alerts / span,
    interval: [low / span, high / span],
    learning: known < LEARNING_WEEKS,
  }
}
