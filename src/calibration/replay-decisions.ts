import { type PerCase, weighed } from '../math/cases.ts'
import { exceededWithChance } from '../math/exceedance.ts'
import { SURPRISE_CAP } from '../math/surprise.ts'
import type { AlertBudget } from './alert-budget.ts'
import { alertsPerDay } from './alert-budget.ts'
import { chanceAfter } from './chance.ts'
import type { Bar, OpenIncidents } from './incidents.ts'
import { advanceIncidents, newsOf, sortColumns } from './incidents.ts'

/** Raised whenever the same scores would be decided differently. */
export const CONTROLLER_VERSION = 2

/** One batch as its scores were stored; nothing in it depends on the budget. */
export interface ScoredBatch {
  readonly startMs: number | null
  /** Nats per column; `''` is the table itself. Empty when nothing was known yet. */
  readonly columns: ReadonlyMap<string, number>
  /** The strongest case of each size in any column, and what each size was worth when `columns` were scored. */
  readonly cases: PerCase
  readonly worth: PerCase
  readonly provisional: boolean
  /** An absolute rule fired (schema, empty file …): alerts whatever the score, and does not spend the budget. */
  readonly absolute: boolean
}

/** What the budget makes of one batch. */
export interface Decision {
  readonly alert: boolean
  /** Nats above which `score` alerts. */
  readonly threshold: number
  /** Largest column score, of which open incidents count only what they add to their peak, from the usual on. */
  readonly score: number
  /** Columns above the threshold that are news, most surprising first. */
  readonly columns: readonly string[]
  /** Columns whose open incident is as bad as when it was news, without being worse. */
  readonly continued: readonly string[]
  /** `learning` while there is no past score to compare with, `provisional` for the first 14 batches. */
  readonly state: 'learning' | 'provisional' | 'judged'
  /** False when not even the worst possible batch would exceed the threshold: such a batch was not judged, not "ok". */
  readonly canRing: boolean
}

/** Past scores that set the threshold. */
const WINDOW = 180
/** Batches without a score worth remembering: the first ones rest on the prior. */
const UNSETTLED = 5
/** Batches for which the threshold has a floor, in nats: clean first fortnights rarely reach it, large first faults do. */
const WARM_UP = 14
const WARM_FLOOR = 9
/** Alerts in excess of the budget are remembered within these bounds: a larger debt would go blind after real incidents. */
const DEBT_BOUNDS = [-5, 2] as const
/** A budget is taken as at most this fraction of batches: what rings more often than not is no alert. */
const HIGHEST_BUDGET = 0.6
const SLOWEST_GAP_GAIN = 0.02
/** An interval counts for at most so many usual ones: an outage saves no alerts. */
const LONGEST_GAP = 4
const DAY_MS = 86_400_000

/** A past score: the batch's cases, to be weighed as today's are; or news of an open incident, which keeps its nats. */
type PastScore = { readonly cases: PerCase } | { readonly news: number }

interface Controller {
  readonly past: PastScore[]
  readonly open: OpenIncidents
  readonly perDay: number
  /** Alerts beyond the budget. */
  debt: number
  /** Mean days between batches. */
  gap: number
  lastStartMs: number | null
  batches: number
}

/**
 * Decides every batch of a history under an alert budget: a replay of stored scores, so that a budget can be changed
 * at any time and the past be told as it would have been.
 *
 * Each batch is decided on the scores before it. The threshold is the score exceeded with the chance that the budget
 * allows, steered by what was spent or saved so far. The same input gives the same bits on every machine.
 *
 * Holds the mean rate within about 20 % from some two months on; it is an aim, not a guarantee. It is also spent on good
 * batches when there are no bad ones: warn of a budget above a quarter of the batches that arrive.
 *
 * @param history - Oldest first. `startMs` sets the pace; batches without it, or out of order, count as one interval.
 * @see Angelopoulos, Candès and Tibshirani (2023), Conformal PID control for time series prediction (quantile tracking
 *   with an integral term). Deviates: the integral acts on the odds, and is bounded on both sides differently.
 */
export function replayDecisions(history: readonly ScoredBatch[], budget: AlertBudget): readonly Decision[] {
  const controller: Controller = {
    past: [],
    open: new Map(),
    perDay: alertsPerDay(budget),
    debt: 0,
    gap: 1,
    lastStartMs: null,
    batches: 0,
  }
  return history.map((batch) => decide(controller, batch))
}

function decide(controller: Controller, batch: ScoredBatch): Decision {
  const days = passTime(controller, batch.startMs)
  const bar = barOf(controller, batch.worth)
  const { threshold, usual } = bar
  const score = scoreOf(controller.open, batch.columns, usual)
  const { alerting, continued } = sortColumns(controller.open, batch.columns, bar)
  const decision: Decision = {
    alert: batch.absolute || alerting.length > 0,
    threshold,
    score,
    columns: alerting,
    continued,
    state: stateOf(controller, batch),
    canRing: worstScore(controller.open, batch.columns, usual) > threshold,
  }
  advanceIncidents(controller.open, batch.columns, { alerting, ...bar })
  remember(controller, { batch, score, days, spent: alerting.length > 0 })
  return decision
}

/** Days since the batch before, bounded; the mean gap follows. */
function passTime(controller: Controller, startMs: number | null): number {
  const { lastStartMs, batches } = controller
  if (startMs === null || lastStartMs === null || startMs <= lastStartMs) {
    controller.lastStartMs ??= startMs
    return controller.gap
  }
  const days = (startMs - lastStartMs) / DAY_MS
  const bounded = batches > 1 ? Math.min(days, LONGEST_GAP * controller.gap) : days
  controller.gap += Math.max(SLOWEST_GAP_GAIN, 1 / Math.max(batches, 1)) * (bounded - controller.gap)
  controller.lastStartMs = startMs
  return bounded
}

function barOf({ perDay, gap, debt, past, batches }: Controller, worth: PerCase): Bar {
  const chance = chanceAfter(Math.min(perDay * gap, HIGHEST_BUDGET), debt)
  const sorted = Float64Array.from(past, (each) =>
    'news' in each ? each.news : weighed(each.cases, worth),
  ).sort()
  const exceeded = (chanceOf: number): number => exceededWithChance({ sorted, size: sorted.length }, chanceOf)
  const threshold = exceeded(chance)
  return { threshold: batches < WARM_UP ? Math.max(threshold, WARM_FLOOR) : threshold, usual: exceeded(0.5) }
}

function scoreOf(open: OpenIncidents, columns: ReadonlyMap<string, number>, usual: number): number {
  let score = Number.NEGATIVE_INFINITY
  for (const [column, value] of columns)
    score = Math.max(score, newsOf(open, column, { score: value, usual }))
  return columns.size === 0 ? 0 : score
}

/** What `score` would be if every column were as surprising as can be. */
function worstScore(open: OpenIncidents, columns: ReadonlyMap<string, number>, usual: number): number {
  let worst = columns.size === 0 ? SURPRISE_CAP : Number.NEGATIVE_INFINITY
  for (const column of columns.keys())
    worst = Math.max(worst, newsOf(open, column, { score: SURPRISE_CAP, usual }))
  return worst
}

function stateOf({ batches }: Controller, batch: ScoredBatch): Decision['state'] {
  if (batches === 0 || batch.columns.size === 0) return 'learning'
  return batch.provisional || batches < WARM_UP ? 'provisional' : 'judged'
}

interface Decided {
  readonly batch: ScoredBatch
  readonly score: number
  readonly days: number
  readonly spent: boolean
}

function remember(controller: Controller, { batch, score, days, spent }: Decided): void {
  if (controller.batches >= UNSETTLED) {
    const isNews = score < Math.max(0, ...batch.columns.values())
    controller.past.push(isNews ? { news: score } : { cases: batch.cases })
    if (controller.past.length > WINDOW) controller.past.shift()
  }
  if (controller.batches >= WARM_UP) {
    const debt = controller.debt + Number(spent) - controller.perDay * days
    controller.debt = Math.min(Math.max(debt, DEBT_BOUNDS[0]), DEBT_BOUNDS[1])
  }
  controller.batches += 1
}
