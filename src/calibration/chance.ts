import { exp, ln } from '../math/exponential.ts'

/** Debt pulls the log-odds of an alert by this much per alert. */
const DEBT_GAIN = 0.5
const HIGHEST_CHANCE = 0.8

/**
 * Chance of an alert to aim at now: the budgeted chance, its odds lowered by alerts spent in excess and raised by those
 * saved.
 *
 * @param debt - Alerts in excess of the budget so far; negative when saved.
 */
export function chanceAfter(budgeted: number, debt: number): number {
  const logOdds = ln(budgeted / (1 - budgeted)) - DEBT_GAIN * debt
  return Math.min(1 / (1 + exp(-logOdds)), HIGHEST_CHANCE)
}
