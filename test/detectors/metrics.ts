import type { Metric } from '../../src/data/metric.ts'

/** A metric for a test: a level of column `a` unless said otherwise. */
export const metric = (value: number, changes: Partial<Metric> = {}): Metric => ({
  name: 'mean',
  dimension: 'integrity',
  entity: 'column',
  instance: 'a',
  columns: ['a'],
  scale: 'level',
  side: 'both',
  support: 1000,
  ...changes,
  value,
})

export const DAY_MS = 86_400_000
/** A Monday. */
export const START_MS = Date.UTC(2024, 0, 1)
