import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replayDecisions, type ScoredBatch } from '../../src/calibration/replay-decisions.ts'
import type { Metric } from '../../src/data/metric.ts'
import { seriesKey } from '../../src/data/metric.ts'
import { type BatchScore, createTableScorer } from '../../src/detectors/table-scorer.ts'
import { random, randomNormal } from '../../src/math/random.ts'
import { simulateHistory } from './simulated-history.ts'

const TABLES = 30
const COLUMNS = 12
const PER_COLUMN = 12
const UNIT = 20

const asStored = (score: BatchScore, startMs: number | null): ScoredBatch => ({
  ...score,
  worth: score.expected.worth,
  startMs,
  absolute: false,
})

/** A metric of unit variance within; between batches it varies `ratio` times as much. */
const metricAt = (i: number, value: number): Metric => ({
  name: `m${i}`,
  dimension: 'integrity',
  entity: 'column',
  instance: `c${i % COLUMNS}`,
  columns: [`c${i % COLUMNS}`],
  value: UNIT * value,
  scale: 'level',
  side: 'both',
  support: 1000,
})

/** Fractions of tables that alert on their batch number `known` + 1, clean or with one column shifted. */
function alertRates(ratio: number, known: number, shift: number): { clean: number; shifted: number } {
  const draw = random(`first batches ${ratio} ${known}`)
  const sd = Math.sqrt(1 + ratio * ratio)
  const arrival = (size = 0) => ({
    startMs: null,
    metrics: Array.from({ length: COLUMNS * PER_COLUMN }, (_, i) =>
      metricAt(i, sd * (randomNormal(draw) + (i % COLUMNS === 0 ? size : 0))),
    ),
  })
  const rates = { clean: 0, shifted: 0 }
  for (let table = 0; table < TABLES; table++) {
    const withinVariance = new Map(arrival().metrics.map((metric) => [seriesKey(metric), UNIT * UNIT]))
    const scorer = createTableScorer({ withinVariance })
    const scored = (size: number): ScoredBatch => asStored(scorer.score(arrival(size)), null)
    const history = Array.from({ length: known }, () => {
      const batch = scored(0)
      scorer.learn(arrival())
      return batch
    })
    const alerts = (size: number) =>
      Number(replayDecisions([...history, scored(size)], { alerts: 1, per: 'week' }).at(-1)!.alert)
    rates.clean += alerts(0) / TABLES
    rates.shifted += alerts(shift) / TABLES
  }
  return rates
}

test('a table of 144 metrics alerts on a large fault in its second batch, and not on a good one', (t) => {
  for (const [ratio, known, shift, least] of [
    [0, 1, 50, 0.9],
    [2, 1, 20, 0.9],
    [3, 1, 20, 0.9],
    [1, 3, 10, 0.9],
    [3, 3, 10, 0.9],
  ] as const) {
    const { clean, shifted } = alertRates(ratio, known, shift)
    t.diagnostic(`r = ${ratio}, k = ${known}: clean ${clean.toFixed(2)}, ${shift} sd ${shifted.toFixed(2)}`)
    assert.ok(clean <= 0.05 && shifted >= least)
  }
})

test('the first fortnight of simulated tables spends less than its budget', (t) => {
  let alerts = 0
  for (let table = 0; table < 20; table++) {
    const scorer = createTableScorer()
    const scored = simulateHistory(100 + table, { days: 14 }).arrivals.map((arrival) => {
      const score = scorer.score(arrival)
      scorer.learn(arrival)
      return asStored(score, arrival.startMs)
    })
    alerts += replayDecisions(scored, { alerts: 1, per: 'week' }).filter(({ alert }) => alert).length
  }
  t.diagnostic(`${alerts / 20} alerts a table in two weeks, two asked`)
  assert.ok(alerts / 20 <= 1)
})
