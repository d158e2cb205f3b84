import type { Metric } from '../data/metric.ts'
import { onColumn } from './draft.ts'
import type { History } from './history.ts'
import { pairMetrics } from './pairs.ts'
import { ruleMetrics } from './rules.ts'
import { strayValues } from './stray-values.ts'
import type { BatchView } from './view.ts'

/** Whether columns agree with each other as they did: values of one in another, chosen pairs, and mined rules. */
export const consistency = (batch: BatchView, history: History): Metric[] => [
  ...[...batch.columns].flatMap(([name, column]) =>
    onColumn('consistency', name, strayValues(name, column, history)),
  ),
  ...pairMetrics(batch, history),
  ...ruleMetrics(batch, history.rules),
]
