import type { Metric } from '../data/metric.ts'
import type { History } from './history.ts'
import { pairMetrics } from './pairs.ts'
import { ruleMetrics } from './rules.ts'
import type { BatchView } from './view.ts'

/** Whether columns agree with each other as they did: chosen pairs, and mined rules. */
export const consistency = (batch: BatchView, history: History): Metric[] => [
  ...pairMetrics(batch, history),
  ...ruleMetrics(batch, history.rules),
]
