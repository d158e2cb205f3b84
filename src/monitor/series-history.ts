import type { Metric } from '../data/metric.ts'
import { limitsAt } from '../detectors/table-scorer.ts'
import type { JudgedBatch } from './baseline.ts'
import { decisionsOf, type Tuned } from './monitor.ts'

/** One metric of one batch, as a point of its control chart. */
export interface SeriesPoint {
  readonly batch: string
  readonly startMs: number | null
  readonly value: number
  /** NaN while nothing is known. */
  readonly centerLine: number
  readonly lowerLimit: number
  readonly upperLimit: number
  /** Nats. */
  readonly surprise: number
}

/** A metric over time. */
export interface SeriesHistory {
  readonly key: string
  readonly metric: Omit<Metric, 'value' | 'support'>
  readonly points: readonly SeriesPoint[]
}

/**
 * Every metric over time, with the limits at which it alone would reach the alert threshold then in force.
 */
export function seriesHistories(dataset: Tuned, judged: readonly JudgedBatch[]): readonly SeriesHistory[] {
  const decisions = decisionsOf(dataset, judged)
  const found = new Map<string, { metric: SeriesHistory['metric']; points: SeriesPoint[] }>()
  judged.forEach(({ record, score }, place) => {
    for (const series of score.series) {
      const { value, support: _, ...metric } = series.metric
      const point = {
        batch: record.listing.key,
        startMs: record.listing.startMs,
        value,
        ...limitsAt(series, decisions[place]!.threshold),
        surprise: series.surprise,
      }
      const history = found.get(series.key)
      if (history) history.points.push(point)
      else found.set(series.key, { metric, points: [point] })
    }
  })
  return [...found].map(([key, history]) => ({ key, ...history }))
}
