import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Frame } from '../../src/data/metric.ts'
import type { RowSample } from '../../src/data/profile.ts'
import { random, randomNormal } from '../../src/math/random.ts'
import { coldStart } from '../../src/monitor/cold-start.ts'
import { sampleOf } from '../profile/sample-of.ts'
import { metricsOn, upTo, viewOf } from '../profile/views.ts'

const ROWS = 2000
const TABLES = 10
const DAYS = 10

/** A normal column, a heavy-tailed one, a share of 30 % and nulls in 10 %, over ten days that may differ. */
function tableOf(seed: number, { dayEffect = 0, dated = true, rows = ROWS } = {}) {
  const draw = random(`cold start ${seed}`)
  const effects = Array.from({ length: DAYS }, () => dayEffect * randomNormal(draw))
  const cells = (of: (effect: number) => number | null) => upTo(rows, (i) => of(effects[i % DAYS]!))
  return {
    normal: { type: 'DOUBLE', cells: cells((effect) => 20 + effect + 3 * randomNormal(draw)) },
    heavy: { type: 'DOUBLE', cells: cells((effect) => Math.exp(effect + randomNormal(draw))) },
    flag: { type: 'BOOLEAN', cells: cells((effect) => (draw() < 0.3 + 0.1 * effect ? 1 : 0)) },
    gaps: { type: 'DOUBLE', cells: cells(() => (draw() < 0.1 ? null : draw())) },
    ...(dated
      ? { at: { type: 'TIMESTAMP', cells: upTo(rows, (i) => Date.UTC(2024, 0, 1 + (i % DAYS)) + i) } }
      : {}),
  }
}

const sampleFor = (...of: Parameters<typeof tableOf>): RowSample => sampleOf(tableOf(...of))
const keyOf = (column: string, metric: string): string => `column\u001f${column}\u001f${metric}`
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Estimated variance over the true one, averaged over simulated tables. */
function ratioOf(column: string, metric: string, truth: (frame: Frame) => number): number {
  return mean(
    Array.from({ length: TABLES }, (_, seed) => {
      const frame = metricsOn(column, viewOf(tableOf(seed))).get(metric)!.frame ?? { center: 0, spread: 1 }
      return coldStart(sampleFor(seed)).withinVariance.get(keyOf(column, metric))! / truth(frame)
    }),
  )
}

/** Variance of √(r + c) − √(1 − r + c), c = 5·10⁻⁴, when r is a share of so many rows: slope² · r(1 − r)/n. */
function rateVariance(rate: number, rows: number): number {
  const slope = 0.5 / Math.sqrt(rate + 5e-4) + 0.5 / Math.sqrt(1 - rate + 5e-4)
  return (slope ** 2 * rate * (1 - rate)) / rows
}

/** Variance of arsinh((m − center)/spread) when m is a mean of so much variance: divided by spread² + (m − center)². */
const meanVariance = (variance: number, value: number, { center, spread }: Frame): number =>
  variance / (spread ** 2 + (value - center) ** 2)

// A variance from 20 groups varies by √(2/19) = 32 % of itself, the mean of ten by 10 %: bounds are 3 of that wide.
const [LOW, HIGH] = [0.7, 1.3]

test('random groups scaled to the batch give the sampling variance of rates', () => {
  const ratios = {
    flag: ratioOf('flag', 'trueFraction', () => rateVariance(0.3, ROWS)),
    gaps: ratioOf('gaps', 'nullFraction', () => rateVariance(0.1, ROWS)),
  }
  for (const ratio of Object.values(ratios)) assert.ok(ratio > LOW && ratio < HIGH, JSON.stringify(ratios))
})

test('random groups scaled to the batch give the sampling variance of means, of a normal column', () => {
  const ratio = ratioOf('normal', 'mean', (frame) => meanVariance(9 / ROWS, 20, frame))
  assert.ok(ratio > LOW && ratio < HIGH, `${ratio}`)
})

test('and, more roughly, of a heavy-tailed one', () => {
  // The log-normal has mean √e and variance (e − 1)e.
  const truth = (frame: Frame): number =>
    meanVariance(((Math.E - 1) * Math.E) / ROWS, Math.sqrt(Math.E), frame)
  const ratio = ratioOf('heavy', 'mean', truth)
  assert.ok(ratio > 0.5 && ratio < 1.5, `${ratio}`)
})

test('the median varies as much as theory says, although every group has its own', () => {
  // The mean of the middle half of a normal column: 1.12 σ²/n, close to σ²/n.
  const ratio = ratioOf('normal', 'quantile50', (frame) => meanVariance((1.2 * 9) / ROWS, 20, frame))
  assert.ok(ratio > 0.6 && ratio < 1.4, `${ratio}`)
})

test('a sample of a larger batch gives the variance of the batch', () => {
  const sample = sampleFor(1)
  const key = keyOf('normal', 'mean')
  const whole = coldStart(sample).withinVariance.get(key)!
  const part = coldStart({ ...sample, of: 4 * ROWS }).withinVariance.get(key)!
  assert.ok(Math.abs(part / whole - 1 / 4) < 1e-9)
})

test('days that differ raise the ratio of the spread between batches to the one within', () => {
  const ratios = (dayEffect: number): number =>
    mean(Array.from({ length: 5 }, (_, seed) => coldStart(sampleFor(seed, { dayEffect })).betweenRatio!))
  const [alike, different] = [ratios(0), ratios(1)]
  assert.ok(alike >= 1 && alike < 3, `${alike}`)
  assert.ok(different > alike + 1 && different <= 5, `${different} and ${alike}`)
})

test('a table without dates, or of few days, tells nothing of what differs between batches', () => {
  assert.equal(coldStart(sampleFor(1, { dated: false })).betweenRatio, null)
  const table = tableOf(1)
  const threeDays = {
    ...table,
    at: { type: 'TIMESTAMP', cells: upTo(ROWS, (i) => Date.UTC(2024, 0, 1 + (i % 3))) },
  }
  assert.equal(coldStart(sampleOf(threeDays)).betweenRatio, null)
})

test('fewer than 200 rows are too few to group', () => {
  assert.equal(coldStart(sampleFor(1, { rows: 199 })).withinVariance.size, 0)
  assert.ok(coldStart(sampleFor(1, { rows: 200 })).withinVariance.size > 0)
})

test('the same batch gives the same answer', () => {
  assert.deepEqual(coldStart(sampleFor(3)), coldStart(sampleFor(3)))
})
