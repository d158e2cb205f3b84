import type { Metric } from '../../src/data/metric.ts'
import type { SeriesScore } from '../../src/detectors/table-scorer.ts'

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

/** A series as surprising as said; its metric as `metric` makes it. */
export const seen = (surprise: number, changes: Partial<Metric> = {}): SeriesScore => ({
  key: `${changes.name}`,
  metric: metric(0, changes),
  center: 0,
  scale: 1,
  z: 0,
  drift: 0,
  surprise,
  degrees: 10,
  tail: { chance: 0.1, shape: 0.2 },
})

export const DAY_MS = 86_400_000
/** A Monday. */
export const START_MS = Date.UTC(2024, 0, 1)
