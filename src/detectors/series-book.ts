import type { Metric } from '../data/metric.ts'
import { seriesKey } from '../data/metric.ts'
import type { SeriesState } from './series-scorer.ts'

/**
 * The series of a table, found by metric.
 *
 * A table's metrics come in the same order batch after batch, so the series found at the same place last time is tried
 * first: building and hashing a key for every metric would cost as much as scoring it.
 */
export interface SeriesBook {
  find(metric: Metric, place: number): SeriesState | undefined
  add(state: SeriesState, place: number): void
  all(): Iterable<SeriesState>
}

export function createSeriesBook(): SeriesBook {
  const byKey = new Map<string, SeriesState>()
  const byPlace: SeriesState[] = []
  return {
    find(metric, place) {
      const guess = byPlace[place]
      if (guess && isSameSeries(guess.identity, metric)) return guess
      const state = byKey.get(seriesKey(metric))
      if (state) byPlace[place] = state
      return state
    },
    add(state, place) {
      byKey.set(state.key, state)
      byPlace[place] = state
    },
    all: () => byKey.values(),
  }
}

type Identity = Pick<Metric, 'entity' | 'instance' | 'name'>

const isSameSeries = (a: Identity, b: Identity): boolean =>
  a.name === b.name && a.instance === b.instance && a.entity === b.entity
