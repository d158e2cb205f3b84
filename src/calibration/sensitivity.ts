import { type Dimension, dimensions } from '../data/dimension.ts'
import { FiableError } from '../data/errors.ts'
import { EVEN_WEIGHTS, type HybridMember, type HybridWeights, hybridMembers } from '../data/hybrid.ts'
import { DEFAULT_FLOORS, type MaterialityFloors } from '../data/materiality.ts'
import { type AlertBudget, alertsPerDay, formatAlertBudget, parseAlertBudget } from './alert-budget.ts'

/** How sensitive a monitor is: set by how often people want to be called, never by how far is too far. */
export interface Sensitivity {
  /** Pages in all. */
  readonly atMost: AlertBudget
  /** Whether `atMost` holds in every single week (or day, or month), and not only on average. */
  readonly strict: boolean
  /** Dimensions with a budget of their own, out of `atMost`; the others share what is left. */
  readonly dimensions: Readonly<Partial<Record<Dimension, AlertBudget>>>
  readonly floors: MaterialityFloors
  /** What each detector counts for, as a drill found it to be worth on this table. */
  readonly weights: HybridWeights
}

/** The same as people write it: `2/week`, per dimension `1/week` or `25 %` of the whole, and floors such as `1 %` of the rows. */
export interface SensitivityText {
  readonly atMost: string
  readonly strict?: boolean | undefined
  readonly dimensions?: Readonly<Partial<Record<Dimension, string | undefined>>> | undefined
  /** Those left out are as by default. */
  readonly floors?: Readonly<Partial<Record<Dimension, string | undefined>>> | undefined
  /** From 0.1 to 10; a detector left out counts once. */
  readonly weights?: Readonly<Partial<Record<HybridMember, number | undefined>>> | undefined
}

const SHARE = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/

/** A budget on average, without dimensions of their own. */
export const plainSensitivity = (atMost: AlertBudget): Sensitivity => ({
  atMost,
  strict: false,
  dimensions: {},
  floors: DEFAULT_FLOORS,
  weights: EVEN_WEIGHTS,
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
  floors = {},
  weights = {},
}: SensitivityText): Sensitivity {
  const whole = parseAlertBudget(atMost)
  const parsed: Partial<Record<Dimension, AlertBudget>> = {}
  for (const [name, text] of Object.entries(own)) {
    if (text === undefined) continue
    parsed[dimensionNamed(name)] = parseShare(text, whole) ?? parseAlertBudget(text)
  }
  const sensitivity = {
    atMost: whole,
    strict,
    dimensions: parsed,
    floors: parseFloors(floors),
    weights: checkWeights(weights),
  }
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

function parseFloors(given: NonNullable<SensitivityText['floors']>): MaterialityFloors {
  const own = Object.entries(given).flatMap(([name, text]) =>
    text === undefined ? [] : [[dimensionNamed(name), parseFloor(text)] as const],
  )
  return { ...DEFAULT_FLOORS, ...Object.fromEntries(own) }
}

const HIGHEST_FLOOR = 0.5

function parseFloor(text: string): number {
  const [, percent] = SHARE.exec(text) ?? []
  const tenths = Math.round(Number(percent) * 10)
  if (
    percent !== undefined &&
    Math.abs(tenths - Number(percent) * 10) < 1e-9 &&
    tenths / 1000 <= HIGHEST_FLOOR
  )
    return tenths / 1000
  throw new FiableError(
    'BAD_ARGUMENT',
    `A floor was '${text}'; it must be a share of the rows from 0 % to 50 %, in tenths of a percent.`,
    "Write it as '1 %' or '0.5 %'; '0 %' hears everything.",
  )
}

const WEIGHTS = [0.1, 10] as const

function checkWeights(given: NonNullable<SensitivityText['weights']>): HybridWeights {
  const own = Object.entries(given).filter(([, weight]) => weight !== undefined && weight !== 1)
  for (const [name, weight] of own) {
    if (!hybridMembers.some((member) => member === name))
      throw new FiableError(
        'BAD_ARGUMENT',
        `There is no detector ${name} to be weighed.`,
        `Choose among ${hybridMembers.join(', ')}.`,
      )
    if (!(weight! >= WEIGHTS[0] && weight! <= WEIGHTS[1]))
      throw new FiableError(
        'BAD_ARGUMENT',
        `The weight of ${name} was ${weight}; it must be from ${WEIGHTS.join(' to ')}.`,
        'Take the weights that `fiable drill` finds, or 1 to let it count once.',
      )
  }
  return Object.fromEntries(own)
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
export const formatSensitivity = ({
  atMost,
  strict,
  dimensions: own,
  floors,
  weights,
}: Sensitivity): SensitivityText => ({
  atMost: formatAlertBudget(atMost),
  ...(strict ? { strict } : {}),
  ...(Object.keys(own).length > 0
    ? {
        dimensions: Object.fromEntries(
          Object.entries(own).map(([name, budget]) => [name, formatAlertBudget(budget)]),
        ),
      }
    : {}),
  ...formatFloors(floors),
  ...(Object.keys(weights).length > 0 ? { weights } : {}),
})

/** Floors that are not as by default. */
function formatFloors(floors: MaterialityFloors): Pick<SensitivityText, 'floors'> {
  const own = dimensions.filter((dimension) => floors[dimension] !== DEFAULT_FLOORS[dimension])
  if (own.length === 0) return {}
  return { floors: Object.fromEntries(own.map((dimension) => [dimension, formatShare(floors[dimension])])) }
}

/** A share as people write it: `0.5 %`. */
export const formatShare = (share: number): string => `${Math.round(share * 1000) / 10} %`
