import { exp, ln } from '../math/exponential.ts'

/** Where tails start, in |z|: a normal is beyond it once in ten. */
const START = 1.645
/** Batches' worth of forgetting: a year of daily ones. */
const MEMORY = 365
/** Past values that the prior chance of one in ten counts for. */
const PRIOR_VALUES = 10
/** Shape of a tail before its own exceedances tell, and how many of them it counts for. */
const PRIOR_SHAPE = 0.2
const PRIOR_EXCEEDANCES = 8
/** Tails thinner than this are not believed. */
const SMALLEST_SHAPE = 0.08
/** Largest ln(|z|/start) counted: one wild day must not make the series deaf. */
const LARGEST_EXCESS = 2

/**
 * How far out the past deviates of one series were: how many, how many beyond the start of the tail, and how far.
 *
 * @see Hill (1975), A simple general approach to inference about the tail of a distribution. Ann. Stat. 3(5): the mean
 *   log-excess estimates the shape of a Pareto tail. Deviates: shrunk to a prior, and it forgets.
 */
export interface SurpriseTail {
  values: number
  exceedances: number
  logExcess: number
}

/** Chance of being beyond the tail's start, and the Pareto shape ξ there: P(|z| > x) = chance · (x/start)^(−1/ξ). */
export interface TailShape {
  readonly chance: number
  readonly shape: number
}

export const createSurpriseTail = (): SurpriseTail => ({ values: 0, exceedances: 0, logExcess: 0 })

/** Adds a past distance (≥ 0). */
export function addToTail(tail: SurpriseTail, distance: number): void {
  const kept = tail.values < MEMORY ? 1 : 1 - 1 / MEMORY
  const isBeyond = distance > START
  tail.values = tail.values * kept + 1
  tail.exceedances = tail.exceedances * kept + Number(isBeyond)
  tail.logExcess = tail.logExcess * kept + (isBeyond ? Math.min(ln(distance / START), LARGEST_EXCESS) : 0)
}

/** The tail that a series' past makes likely. A series that never strayed is believed more, the longer it did not. */
export const tailShape = ({ values, exceedances, logExcess }: SurpriseTail): TailShape => ({
  chance: (exceedances + 1) / (values + PRIOR_VALUES),
  shape: Math.max(
    (logExcess + PRIOR_EXCEEDANCES * PRIOR_SHAPE) / (exceedances + PRIOR_EXCEEDANCES),
    SMALLEST_SHAPE,
  ),
})

/** The tail of a series of which nothing is known. */
export const UNKNOWN_TAIL: TailShape = tailShape(createSurpriseTail())

/** −ln of the chance of a value as far out as `distance` ≥ 0, in nats; up to the tail's start in proportion. */
export function tailSurprise({ chance, shape }: TailShape, distance: number): number {
  const atStart = -ln(chance)
  return distance <= START ? (atStart * distance) / START : atStart + ln(distance / START) / shape
}

/** The distance at which a surprise is reached: inverse of `tailSurprise`. */
export function tailDistance({ chance, shape }: TailShape, surprise: number): number {
  const atStart = -ln(chance)
  return surprise <= atStart ? (START * surprise) / atStart : START * exp((surprise - atStart) * shape)
}
