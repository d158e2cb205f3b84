import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createForecaster, forecast, learnValue, rebaseAfterRun } from '../../src/detectors/forecaster.ts'
import { seasonSlots } from '../../src/detectors/season.ts'
import { random, randomNormal } from '../../src/math/random.ts'
import { DAY_MS, START_MS } from './metrics.ts'

const HOUR_MS = 3_600_000
const weekly = [true, false, false]

test('slots are counted from Monday midnight UTC, also before 1970', () => {
  assert.deepEqual(seasonSlots(START_MS), [0, 0, 0])
  assert.deepEqual(seasonSlots(START_MS + 6 * DAY_MS + 23 * HOUR_MS), [6, 23, 167])
  assert.deepEqual(seasonSlots(Date.UTC(1969, 11, 31, 12)), [2, 12, 60])
  assert.deepEqual(seasonSlots(null), [-1, -1, -1])
})

/** Learns a series day by day and returns the forecast errors. */
function errorsOf(valueAt: (day: number) => number, { days = 200, active = weekly } = {}): number[] {
  const forecaster = createForecaster()
  return Array.from({ length: days }, (_, day) => {
    const slots = seasonSlots(START_MS + day * DAY_MS)
    const error = valueAt(day) - forecast(forecaster, slots).value
    learnValue(forecaster, valueAt(day), { slots, active, clip: Number.POSITIVE_INFINITY })
    return error
  })
}

const spread = (errors: readonly number[]): number =>
  Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)

test('the first value cannot be forecast, the second is expected to equal it', () => {
  const errors = errorsOf(() => 5, { days: 2 })
  assert.ok(Number.isNaN(errors[0]))
  assert.equal(errors[1], 0)
})

test('a weekly season is learnt when days are told apart, and not otherwise', () => {
  const draw = random(1)
  const noise = Array.from({ length: 200 }, () => randomNormal(draw))
  const valueAt = (day: number) => 10 * Number(day % 7 >= 5) + noise[day]!
  const seasonal = spread(errorsOf(valueAt).slice(60))
  const plain = spread(errorsOf(valueAt, { active: [false, false, false] }).slice(60))
  assert.ok(seasonal < 1.35, `seasonal forecasts are off by ${seasonal}, the noise is 1`)
  assert.ok(plain > 3, `without a season ${plain}`)
})

test('the level of pure noise is held, that of a random walk followed', () => {
  const draw = random(2)
  const noise = Array.from({ length: 400 }, () => randomNormal(draw))
  let sum = 0
  const walk = noise.map((step) => (sum += step))
  assert.ok(spread(errorsOf((day) => noise[day]!, { days: 400 }).slice(50)) < 1.1)
  assert.ok(spread(errorsOf((day) => walk[day]!, { days: 400 }).slice(50)) < 1.35)
})

test('after three alarms on the same side the level is the median of the last three values', () => {
  const forecaster = createForecaster()
  const slots = seasonSlots(null)
  const learn = (value: number) =>
    learnValue(forecaster, value, { slots, active: [false, false, false], clip: 1 })
  for (let day = 0; day < 50; day++) learn(0)
  const rebased = [20, 23, 21].map((value) => {
    learn(value)
    return rebaseAfterRun(forecaster, 1)
  })
  assert.deepEqual(rebased, [false, false, true])
  assert.equal(forecast(forecaster, slots).value, 21)
})

test('alarms on alternating sides never rebase', () => {
  const forecaster = createForecaster()
  for (const side of [1, 1, -1, -1, 1, 1, 0, 1, 1] as const)
    assert.equal(rebaseAfterRun(forecaster, side), false)
})
