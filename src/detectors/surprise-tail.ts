import { exp, ln } from '../math/exponential.ts'
import type { SortedWindow } from '../math/sorted-window.ts'
import { addToWindow, createSortedWindow } from '../math/sorted-window.ts'

/** Past values that describe a tail; older ones are forgotten. */
const WINDOW = 365
/** Fraction of past values at or below the tail's start. */
const BODY = 0.85
const TAIL_NATS = -ln(1 - BODY)
/** Below as many values a tail is the pool's. */
const OWN_FROM = 20
/** Pseudo-count with which a series' own tail is shrunk to the pool's. */
const SHRINKAGE = 10
/** Largest excess counted: one wild day must not make the series deaf. */
const LARGEST_EXCESS = 6
/** Where the tail of |z| of a standard normal starts, and its mean excess there. */
const NORMAL_START = 1.44
const NORMAL_EXCESS = 0.55
/** Series that barely move below their materiality floor look thinner-tailed than a normal: not believed beyond this. */
const SMALLEST_START = 1
const SMALLEST_EXCESS = 0.45

/**
 * The largest absolute z-scores of one series: a window kept sorted, from which the start and mean excess of an
 * exponential tail are read.
 *
 * @see Pickands (1975), Statistical inference using extreme order statistics. Ann. Stat. 3(1): peaks over a threshold,
 *   here with shape 0.
 */
export interface SurpriseTail {
  readonly window: SortedWindow
  /** Start of the tail, with the sum and number of excesses above it, as of the last value added. */
  start: number
  excess: number
  exceedances: number
}

/** Where a tail starts (in |z|) and its mean excess β there. */
export interface TailShape {
  readonly start: number
  readonly meanExcess: number
}

export const createSurpriseTail = (): SurpriseTail => ({
  window: createSortedWindow(WINDOW),
  start: NORMAL_START,
  excess: 0,
  exceedances: 0,
})

/** Adds a past value (≥ 0), forgetting the oldest when the window is full. */
export function addToTail(tail: SurpriseTail, value: number): void {
  addToWindow(tail.window, value)
  const { sorted, size } = tail.window
  if (size < OWN_FROM) return
  const at = Math.floor(BODY * size)
  tail.start = sorted[at]!
  tail.exceedances = size - at - 1
  tail.excess = 0
  for (let i = at + 1; i < size; i++) tail.excess += Math.min(sorted[i]! - tail.start, LARGEST_EXCESS)
}

/** Mean excess over all series of a table, each weighted by its exceedances; a normal's while none has enough. */
export function pooledExcess(tails: Iterable<SurpriseTail>): number {
  let excess = 0
  let exceedances = 0
  for (const tail of tails) {
    excess += tail.excess
    exceedances += tail.exceedances
  }
  return exceedances > 0 ? excess / exceedances : NORMAL_EXCESS
}

/** A series' own tail, shrunk to the pool's. */
export function tailShape(tail: SurpriseTail, pool: number): TailShape {
  const meanExcess = (tail.excess + SHRINKAGE * pool) / (tail.exceedances + SHRINKAGE)
  return {
    start: Math.max(tail.start, SMALLEST_START),
    meanExcess: Math.max(meanExcess, SMALLEST_EXCESS),
  }
}

/** −ln of the chance of a value as far out as `distance` ≥ 0, in nats. */
export function tailSurprise({ start, meanExcess }: TailShape, distance: number): number {
  if (distance <= start) return -ln(1 - (BODY * distance) / start)
  return TAIL_NATS + (distance - start) / meanExcess
}

/** The distance at which a surprise is reached: inverse of `tailSurprise`. */
export function tailDistance({ start, meanExcess }: TailShape, surprise: number): number {
  if (surprise <= TAIL_NATS) return (start * (1 - exp(-surprise))) / BODY
  return start + meanExcess * (surprise - TAIL_NATS)
}
