import type { Words } from '../language/words.tsx'

const DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 365.25 / 12 }

/** Calls a day that a budget such as `2/week` allows. */
export function callsPerDay(budget: string): number {
  const [count = '0', period = 'week'] = budget.split('/')
  return Number(count) / (DAYS[period] ?? 7)
}

/** A budget as people say it. */
export function budgetWords(budget: string, words: Words): string {
  const [count = '0', period = 'week'] = budget.split('/')
  return words.say('sensitivity.atMost', { count: Number(count), period })
}
