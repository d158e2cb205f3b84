import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seriesKey } from '../../src/data/metric.ts'
import { coldStartVariance, pooledSquaredRatio, priorDegrees } from '../../src/detectors/cold-start.ts'
import { createTableScorer } from '../../src/detectors/table-scorer.ts'
import { random, randomNormal } from '../../src/math/random.ts'
import { metric } from './metrics.ts'

const SERIES = 30
const TABLES = 60
/** Far above the materiality floor, so that the limits alone are tested. */
const UNIT = 20
/** A two-sided test at 1 %. */
const ONE_PERCENT = 2.5758

/**
 * Fractions of good batches, and of batches shifted by 10 standard deviations, that lie outside 1 % limits after
 * `known` batches; the within variance is itself an estimate from 30 samples.
 */
function simulate(ratio: number, known: number): { alarms: number; caught: number } {
  const draw = random(`cold start ${ratio} ${known}`)
  const sd = UNIT * Math.sqrt(1 + ratio * ratio)
  const metrics = (shift = 0) =>
    Array.from({ length: SERIES }, (_, i) => metric(sd * (randomNormal(draw) + shift), { name: `m${i}` }))
  const outside = { alarms: 0, caught: 0 }
  for (let table = 0; table < TABLES; table++) {
    const withinVariance = new Map(metrics().map((m) => [seriesKey(m), UNIT ** 2 * meanOfSquares(draw, 29)]))
    const scorer = createTableScorer({ withinVariance })
    for (let k = 0; k < known; k++) scorer.learn({ startMs: null, metrics: metrics() })
    const count = (shift: number) =>
      scorer
        .score({ startMs: null, metrics: metrics(shift) })
        .series.filter(({ z }) => Math.abs(z) > ONE_PERCENT).length /
      (SERIES * TABLES)
    outside.alarms += count(0)
    outside.caught += count(10)
  }
  return outside
}

function meanOfSquares(draw: () => number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += randomNormal(draw) ** 2
  return sum / count
}

test('limits from one to eight batches alarm on at most 1 % of good ones, for ratios up to 3', (t) => {
  for (const ratio of [0, 1, 2, 3])
    for (const known of [1, 2, 5, 8]) {
      const { alarms } = simulate(ratio, known)
      t.diagnostic(`r = ${ratio}, k = ${known}: ${(100 * alarms).toFixed(2)} % false alarms`)
      assert.ok(alarms <= 0.01, `r = ${ratio}, k = ${known}: ${100 * alarms} % false alarms`)
    }
})

test('a shift of 10 standard deviations is seen after one batch when batches differ, after three always', (t) => {
  for (const [ratio, known, least] of [
    [3, 1, 0.95],
    [2, 1, 0.7],
    [0, 3, 0.95],
    [1, 3, 0.95],
  ] as const) {
    const { caught } = simulate(ratio, known)
    t.diagnostic(`r = ${ratio}, k = ${known}: ${(100 * caught).toFixed(0)} % caught`)
    assert.ok(caught >= least, `r = ${ratio}, k = ${known}: ${100 * caught} % caught`)
  }
})

test('the prior fades between 8 and 20 residuals, and sampling bounds the variance from below', () => {
  assert.equal(priorDegrees(0, true), 3)
  assert.equal(priorDegrees(8, true), 3)
  assert.equal(priorDegrees(14, true), 1.5)
  assert.equal(priorDegrees(20, true), 0)
  assert.equal(priorDegrees(0, false), 1)
  assert.deepEqual(coldStartVariance({ residuals: 0, meanSquare: 0, within: 1, isWithinKnown: true }, 4), {
    variance: 5,
    degrees: 3,
  })
  assert.deepEqual(coldStartVariance({ residuals: 30, meanSquare: 0.2, within: 1, isWithinKnown: true }, 4), {
    variance: 1,
    degrees: 30,
  })
})

test('the ratio is guessed below three batches, then read off the table', () => {
  const wild = Array.from({ length: 40 }, () => ({
    residuals: 5,
    meanSquare: 10,
    within: 1,
    isWithinKnown: true,
  }))
  assert.equal(pooledSquaredRatio(wild, { known: 2, guess: 2 }), 4)
  assert.ok(Math.abs(pooledSquaredRatio(wild, { known: 6, guess: 2 }) - 9) < 0.5)
  assert.equal(pooledSquaredRatio([], { known: 6, guess: 2 }), 4)
})

test('without any knowledge of the spread within, the second batch hardly alarms and the tenth does', () => {
  const scorer = createTableScorer()
  const at = (value: number) => ({ startMs: null, metrics: [metric(value)] })
  const draw = random('blind')
  scorer.learn(at(randomNormal(draw)))
  assert.ok(scorer.score(at(10)).table < 9, 'below what alerts in the first fortnight')
  for (let k = 0; k < 10; k++) scorer.learn(at(randomNormal(draw)))
  assert.ok(scorer.score(at(10)).table > 9)
})
