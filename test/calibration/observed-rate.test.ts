import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observedRate } from '../../src/calibration/observed-rate.ts'
import type { Decision, ScoredBatch } from '../../src/calibration/replay-decisions.ts'
import { EVEN, NO_CASE } from '../../src/math/cases.ts'
import { poissonInterval } from '../../src/math/poisson.ts'
import { assertClose } from '../math/close.ts'

const CALM = { conformity: 0, uniqueness: 0, completeness: 0, integrity: 0, consistency: 0 }
const DAY_MS = 86_400_000
const batch = (day: number): ScoredBatch => ({
  startMs: day * DAY_MS,
  columns: new Map(),
  dimensions: CALM,
  cases: NO_CASE,
  worth: EVEN,
  provisional: false,
  absolute: false,
})
const decision = (columns: readonly string[]): Decision => ({
  batch: batch(0),
  isBelowFloor: false,
  alert: true,
  digest: false,
  dimensions: [],
  threshold: 5,
  usual: 2,
  score: 6,
  columns,
  continued: [],
  state: 'judged',
  canRing: true,
})

test('the Poisson interval is that of Garwood (1936)', () => {
  const [low, high] = poissonInterval(10)
  assertClose(low, 4.7954, 1e-4)
  assertClose(high, 18.3904, 1e-4)
  assert.equal(poissonInterval(0)[0], 0)
  assertClose(poissonInterval(0)[1], 3.6889, 1e-4)
})

test('24 alerts in 26 weeks are 0.92 a week, between 0.59 and 1.37', () => {
  const days = 26 * 7
  const history = Array.from({ length: days }, (_, day) => batch(day))
  const decisions = history.map((_, day) => decision(day < 24 ? ['a'] : []))
  const rate = observedRate(history, decisions)!
  assert.equal(rate.alerts, 24)
  assertClose(rate.weeks, 26, 1e-9)
  assertClose(rate.perWeek, 0.923, 1e-3)
  assertClose(rate.interval[0], 0.59, 0.01)
  assertClose(rate.interval[1], 1.37, 0.01)
  assert.equal(rate.learning, false)
})

test('a few weeks are called learning, one batch no rate at all', () => {
  const history = Array.from({ length: 30 }, (_, day) => batch(day))
  const decisions = history.map(() => decision([]))
  assert.equal(observedRate(history, decisions)!.learning, true)
  assert.equal(observedRate(history.slice(0, 1), decisions.slice(0, 1)), null)
  assert.equal(observedRate([], []), null)
})
