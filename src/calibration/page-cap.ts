import type { AlertBudget } from './alert-budget.ts'

const DAY_MS = 86_400_000
const DAYS = { day: 1, week: 7, month: 365.25 / 12 } as const
/** 1 January 1970 was a Thursday; weeks start on Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS

/** Pages that went out, newest last. */
export interface PageCap {
  readonly budget: AlertBudget
  readonly sentMs: number[]
}

export const createPageCap = (budget: AlertBudget): PageCap => ({ budget, sentMs: [] })

/**
 * Whether one more page keeps to the budget in the calendar day, week (from Monday, UTC) or month of an instant.
 *
 * A budget of less than one a period allows one in as many days as make it one.
 */
export function allowsPage({ budget, sentMs }: PageCap, atMs: number): boolean {
  const most = Math.floor(budget.alerts)
  if (most >= 1) return sentMs.filter((sent) => isSamePeriod(sent, atMs, budget.per)).length < most
  const spacingMs = (DAYS[budget.per] / budget.alerts) * DAY_MS
  return sentMs.every((sent) => atMs - sent >= spacingMs)
}

export function notePage({ sentMs }: PageCap, atMs: number): void {
  sentMs.push(atMs)
}

const isSamePeriod = (a: number, b: number, per: AlertBudget['per']): boolean =>
  periodOf(a, per) === periodOf(b, per)

function periodOf(ms: number, per: AlertBudget['per']): number {
  if (per === 'day') return Math.floor(ms / DAY_MS)
  if (per === 'week') return Math.floor((ms - FIRST_MONDAY_MS) / (7 * DAY_MS))
  const date = new Date(ms)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}
