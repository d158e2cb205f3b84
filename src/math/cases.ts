import { capSurprise } from './surprise.ts'

/**
 * Sizes of a case against a batch: a lone witness, a few, many. A real cause moves several metrics of a column, a fluke
 * one; but what only one metric can see must ring when it is overwhelming.
 */
export const CASE_SIZES = [1, 3, 8] as const

/** One number per size of case. */
export type PerCase = readonly [one: number, few: number, many: number]

export const NO_CASE: PerCase = [0, 0, 0]
/** Every size worth the same. */
export const EVEN: PerCase = [1, 1, 1]

/** The best of the cases in nats, each times what its size is worth; below 40. */
export const weighed = (cases: PerCase, worth: PerCase): number =>
  capSurprise(Math.max(cases[0] * worth[0], cases[1] * worth[1], cases[2] * worth[2]))
