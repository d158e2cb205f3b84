import type { Metric } from '../data/metric.ts'
import { completeness } from './completeness.ts'
import { conformity } from './conformity.ts'
import { consistency } from './consistency.ts'
import type { History } from './history.ts'
import { integrity } from './integrity.ts'
import { uniqueness } from './uniqueness.ts'
import type { BatchView } from './view.ts'

/** One file per dimension; each measures a batch against the history before it. */
const dimensionsMeasured = [conformity, uniqueness, completeness, integrity, consistency] as const

/**
 * All metrics of a batch, measured against a history that does not contain it. Pure: the history is not changed.
 *
 * An empty batch (no rows) has one metric, its row count.
 */
export function measure(batch: BatchView, history: History): Metric[] {
  const metrics = dimensionsMeasured.flatMap((dimension) => dimension(batch, history))
  return batch.profile.rows > 0 ? metrics : metrics.filter((metric) => metric.name === 'rowCount')
}
