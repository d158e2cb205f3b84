import type { Dimension } from './dimension.ts'

/**
 * Per dimension, the share of the rows that may change without calling anybody: what changed up to there is real
 * perhaps, but not worth a person's night. 0 hears everything.
 */
export type MaterialityFloors = Readonly<Record<Dimension, number>>

/**
 * Half a percent of empty or doubled rows is material to few tables; a format, a frequency or a dependence that breaks in
 * a few rows often tells of something larger.
 */
export const DEFAULT_FLOORS: MaterialityFloors = {
  conformity: 0,
  uniqueness: 0.005,
  completeness: 0.005,
  integrity: 0,
  consistency: 0,
}
