import { FiableError } from '../data/errors.ts'

/** How many alerts a person wants at most, on average: what sensitivity is set by. */
export interface AlertBudget {
  /** Above 0; fractions are welcome (0.5 a week is one a fortnight). */
  readonly alerts: number
  readonly per: 'day' | 'week' | 'month'
}

const DAYS = { day: 1, week: 7, month: 365.25 / 12 } as const
const FORM = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:\/|per\s)\s*(day|week|month)\s*$/

/** The budget as alerts per day. */
export const alertsPerDay = ({ alerts, per }: AlertBudget): number => alerts / DAYS[per]

/**
 * Reads `2/week`, `0.5 / month` or `1 per day`.
 *
 * @throws FiableError BAD_ARGUMENT for any other text, and for no alert at all.
 */
export function parseAlertBudget(text: string): AlertBudget {
  const [, alerts, per] = FORM.exec(text) ?? []
  if (alerts === undefined || !(Number(alerts) > 0)) {
    throw new FiableError(
      'BAD_ARGUMENT',
      `The alert budget is '${text}', but must be a number above 0 per day, week or month.`,
      "Write it like '2/week', '0.5/day' or '1/month'.",
    )
  }
  return { alerts: Number(alerts), per: per as AlertBudget['per'] }
}

/** The budget as `parseAlertBudget` reads it: `2/week`. */
export const formatAlertBudget = ({ alerts, per }: AlertBudget): string => `${alerts}/${per}`
