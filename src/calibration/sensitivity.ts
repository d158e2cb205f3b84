import { type Dimension, dimensions } from '../data/dimension.ts'
import { FiableError } from '../data/errors.ts'
import { type AlertBudget, alertsPerDay, formatAlertBudget, parseAlertBudget } from './alert-budget.ts'

/** How sensitive a monitor is: set by how often people want to be called, never by how far is too far. */
export interface Sensitivity {
  /** Pages in all. */
  readonly atMost: AlertBudget
  /** Whether `atMost` holds in every single week (or day, or month), and not only on average. */
  readonly strict: boolean
  /** Dimensions with a budget of their own, out of `atMost`; the others share what is left. */
  readonly dimensions: Readonly<Partial<Record<Dimension, AlertBudget>>>
}

/** The same as people write it: `2/week`, and per dimension `1/week` or `25 %` of the whole. */
export interface SensitivityText {
  readonly atMost: string
  readonly strict?: boolean | undefined
  readonly dimensions?: Readonly<Partial<Record<Dimension, string | undefined>>> | undefined
}

const SHARE = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/

/** A budget on average, without dimensions of their own. */
export const plainSensitivity = (atMost: AlertBudget): Sensitivity => ({
  atMost,
  strict: false,
  dimensions: {},
})

/**
 * Reads how sensitive people want a monitor.
 *
 * @throws FiableError BAD_ARGUMENT for a budget that cannot be read, an unknown dimension, and budgets of dimensions that
 *   together leave nothing of the whole.
 */
export function parseSensitivity({
  atMost,
  strict = false,
  dimensions: own = {},
}: SensitivityText): Sensitivity {
  const whole = parseAlertBudget(atMost)
  const parsed: Partial<Record<Dimension, AlertBudget>> = {}
  for (const [name, text] of Object.entries(own)) {
    if (text === undefined) continue
    parsed[dimensionNamed(name)] = parseShare(text, whole) ?? parseAlertBudget(text)
  }
  const sensitivity = { atMost: whole, strict, dimensions: parsed }
  checkWhole(sensitivity)
  return sensitivity
}

function dimensionNamed(name: string): Dimension {
  const found = dimensions.find((dimension) => dimension === name)
  if (found) return found
  throw new FiableError(
    'BAD_ARGUMENT',
    `There is no dimension ${name}.`,
    `Choose among ${dimensions.join(', ')}.`,
  )
}

function parseShare(text: string, { alerts, per }: AlertBudget): AlertBudget | null {
  const [, percent] = SHARE.exec(text) ?? []
  if (percent === undefined) return null
  if (Number(percent) > 0 && Number(percent) < 100) return { alerts: (alerts * Number(percent)) / 100, per }
  throw new FiableError(
    'BAD_ARGUMENT',
    `A dimension is given ${text.trim()} of the budget, but must have more than 0 % and less than 100 %.`,
    "Give it a share such as '25 %', or a budget of its own such as '1/week'.",
  )
}

function checkWhole({ atMost, dimensions: own }: Sensitivity): void {
  if (restPerDay({ atMost, dimensions: own }) > 1e-9 * alertsPerDay(atMost)) return
  const list = Object.entries(own).map(([name, budget]) => `${name} ${formatAlertBudget(budget)}`)
  throw new FiableError(
    'BAD_ARGUMENT',
    `The dimensions' budgets (${list.join(', ')}) leave nothing of ${formatAlertBudget(atMost)} for the others.`,
    'Raise the budget of the whole, or lower those of the dimensions.',
  )
}

/** Alerts a day left to the dimensions without a budget of their own. */
export const restPerDay = ({ atMost, dimensions: own }: Pick<Sensitivity, 'atMost' | 'dimensions'>): number =>
  Object.values(own).reduce((rest, budget) => rest - alertsPerDay(budget), alertsPerDay(atMost))

/** The sensitivity as `parseSensitivity` reads it. */
export const formatSensitivity = ({ atMost, strict, dimensions: own }: Sensitivity): SensitivityText => ({
  atMost: formatAlertBudget(atMost),
  ...(strict ? { strict } : {}),
  ...(Object.keys(own).length > 0
    ? {
        dimensions: Object.fromEntries(
          Object.entries(own).map(([name, budget]) => [name, formatAlertBudget(budget)]),
        ),
      }
    : {}),
})
