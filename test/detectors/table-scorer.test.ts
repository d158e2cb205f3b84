import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import type { Metric, Scale } from '../../src/data/metric.ts'
import { seriesKey } from '../../src/data/metric.ts'
import { tailSurprise } from '../../src/detectors/surprise-tail.ts'
import type { BatchScore, TableScorer } from '../../src/detectors/table-scorer.ts'
import { createTableScorer, limitsAt } from '../../src/detectors/table-scorer.ts'
import { random, randomNormal } from '../../src/math/random.ts'
import { SURPRISE_CAP } from '../../src/math/surprise.ts'
import { DAY_MS, metric, START_MS } from './metrics.ts'

/** A scorer that has learnt `days` batches of metrics. */
function trained(metricsOf: (day: number) => readonly Metric[], days: number): TableScorer {
  const scorer = createTableScorer()
  for (let day = 0; day < days; day++) scorer.learn(arrivalOf(day, metricsOf(day)))
  return scorer
}
const arrivalOf = (day: number, metrics: readonly Metric[]) => ({ startMs: START_MS + day * DAY_MS, metrics })

const noise = (() => {
  const draw = random('scorer')
  return Float64Array.from({ length: 5000 }, () => randomNormal(draw))
})()
/** Six unit-variance series in column `a` and six in `b`. */
const twelve = (day: number, shiftOfA = 0): Metric[] =>
  Array.from({ length: 12 }, (_, i) =>
    metric(noise[day * 12 + i]! + (i < 6 ? shiftOfA : 0), {
      name: `m${i}`,
      instance: i < 6 ? 'a' : 'b',
      columns: [i < 6 ? 'a' : 'b'],
    }),
  )

test('nothing is known of the first batch: no centre, no surprise', () => {
  const score = createTableScorer().score(arrivalOf(0, twelve(0)))
  assert.equal(score.table, 0)
  assert.equal(score.known, 0)
  assert.ok(score.provisional)
  assert.ok(Number.isNaN(score.series[0]!.center))
  assert.deepEqual(limitsAt(score.series[0]!, 5), {
    centerLine: Number.NaN,
    lowerLimit: Number.NEGATIVE_INFINITY,
    upperLimit: Number.POSITIVE_INFINITY,
  })
})

test('scoring changes nothing: only learnt batches move later scores', () => {
  const [looked, blind] = [trained(twelve, 30), trained(twelve, 30)]
  for (let i = 0; i < 5; i++) looked.score(arrivalOf(30, twelve(30, 50)))
  assert.deepEqual(looked.score(arrivalOf(31, twelve(31))), blind.score(arrivalOf(31, twelve(31))))
  assert.equal(looked.known, 30)
})

test('a shift of column a is blamed on a, and not on b', () => {
  const score = trained(twelve, 60).score(arrivalOf(60, twelve(60, 8)))
  assert.ok(score.columns.get('a')! > 10, `a scores ${score.columns.get('a')}`)
  assert.ok(score.columns.get('b')! < 5, `b scores ${score.columns.get('b')}`)
  assert.equal(score.table, score.columns.get('a'))
  assert.equal(score.dimensions.integrity, score.table)
  assert.equal(score.dimensions.uniqueness, 0)
  assert.ok(!score.provisional)
})

test('larger shifts score higher, and none reaches the cap', () => {
  const scorer = trained(twelve, 60)
  const scores = [0, 3, 6, 12, 50, 1e6].map((shift) => scorer.score(arrivalOf(60, twelve(60, shift))).table)
  assert.deepEqual(
    scores,
    [...scores].sort((a, b) => a - b),
  )
  assert.ok(scores.at(-1)! < SURPRISE_CAP && scores.at(-1)! > 30)
})

test('a shift that is learnt becomes normal after a few batches', () => {
  const scorer = trained((day) => twelve(day, day >= 50 ? 8 : 0), 58)
  assert.ok(scorer.score(arrivalOf(58, twelve(58, 8))).table < 6)
  const back = scorer.score(arrivalOf(58, twelve(58, 0))).table
  assert.ok(back > 5, `going back scores ${back}`)
})

test('a slow ramp is seen by the drift channel before any single day stands out', () => {
  const one = (day: number, ramp: number) => [metric(noise[day]! + ramp)]
  const scorer = trained((day) => one(day, 0), 100)
  let latest: BatchScore | undefined
  for (let day = 100; day < 108; day++) {
    latest = scorer.score(arrivalOf(day, one(day, (day - 99) * 0.35)))
    scorer.learn(arrivalOf(day, one(day, (day - 99) * 0.35)))
  }
  const [series] = latest!.series
  assert.ok(Math.abs(series!.drift) > 3, `drift is ${series!.drift}`)
})

test('weekends are expected once they were seen for a few weeks, and missed when they fail', () => {
  const weekly = (day: number) => [metric(noise[day]! + 20 * Number(day % 7 >= 5))]
  const scorer = trained(weekly, 98)
  assert.ok(scorer.score(arrivalOf(103, weekly(103))).table < 6, 'a usual Saturday')
  assert.ok(scorer.score(arrivalOf(103, [metric(0)])).table > 8, 'a Saturday like a Monday')
})

test('hourly batches have a season of the hour', () => {
  const hourly = (hour: number) => [metric(noise[hour]! + (hour % 24 < 6 ? 0 : 20))]
  const at = (hour: number, metrics: readonly Metric[]) => ({
    startMs: START_MS + (hour * DAY_MS) / 24,
    metrics,
  })
  const scorer = createTableScorer()
  for (let hour = 0; hour < 24 * 21; hour++) scorer.learn(at(hour, hourly(hour)))
  const night = 24 * 21 + 3
  assert.ok(scorer.score(at(night, hourly(night))).table < 6, 'a usual night')
  assert.ok(scorer.score(at(night, [metric(20)])).table > 10, 'a night like a day')
})

test('a metric that is suspicious upward only does not alarm downward', () => {
  const up = (value: number) => [metric(value, { side: 'up' })]
  const scorer = trained((day) => up(noise[day]!), 60)
  assert.ok(scorer.score(arrivalOf(60, up(15))).table > 15)
  assert.ok(scorer.score(arrivalOf(60, up(-15))).table < 1)
  assert.equal(
    limitsAt(scorer.score(arrivalOf(60, up(0))).series[0]!, 6).lowerLimit,
    Number.NEGATIVE_INFINITY,
  )
})

test('a batch with few rows gets wider limits for its rates', () => {
  const rate = (value: number, support: number) => [metric(value, { scale: 'rate', support })]
  const scorer = trained((day) => rate(0.1 + 0.002 * noise[day]!, 10_000), 60)
  const [many, few] = [10_000, 50].map((rows) => scorer.score(arrivalOf(60, rate(0.2, rows))).series[0]!)
  assert.ok(many!.surprise > 10 && few!.surprise < 6, `${many!.surprise} ${few!.surprise}`)
  assert.ok(limitsAt(few!, 6).upperLimit > limitsAt(many!, 6).upperLimit + 0.05)
})

test('after no nulls at all, one in 2000 rows is no surprise and one in 20 is a large one', () => {
  const nulls = (value: number) => [metric(value, { scale: 'rate', name: 'nullFraction', support: 5000 })]
  const scorer = trained(() => nulls(0), 60)
  const scores = [0.0005, 0.005, 0.05].map((value) => scorer.score(arrivalOf(60, nulls(value))).table)
  assert.ok(scores[0]! < 4, `0.05 % scores ${scores[0]}`)
  // Half a percent is about 14 nats when nothing else is measured: the floor alone does not keep it from paging.
  assert.ok(scores[1]! > 10 && scores[1]! < 16, `0.5 % scores ${scores[1]}`)
  assert.ok(scores[2]! > 20, `5 % scores ${scores[2]}`)
})

test('values that are not numbers score 0, are not learnt, and do not spoil their neighbours', () => {
  const scorer = trained((day) => [metric(noise[day]!), metric(Number.NaN, { name: 'broken' })], 40)
  const score = scorer.score(arrivalOf(40, [metric(Number.NaN), metric(3, { name: 'broken' })]))
  assert.deepEqual(
    score.series.map(({ surprise }) => surprise),
    [0, 0],
  )
  assert.ok(Number.isFinite(score.table))
  assert.ok(scorer.score(arrivalOf(40, [metric(10)])).table > 5)
})

test('series may come, go and change places between batches', () => {
  const scorer = trained((day) => (day % 2 === 0 ? twelve(day) : twelve(day).reverse().slice(3)), 60)
  const score = scorer.score(arrivalOf(60, [metric(5, { name: 'new' }), ...twelve(60).reverse()]))
  assert.equal(score.series[0]!.surprise, 0)
  assert.ok(score.table < 6)
  const ordered = scorer.score(arrivalOf(60, twelve(60)))
  assert.deepEqual(ordered.columns.get('b'), score.columns.get('b'))
})

test('batches without a time are scored without a season', () => {
  const scorer = createTableScorer()
  for (let day = 0; day < 40; day++) scorer.learn({ startMs: null, metrics: [metric(noise[day]!)] })
  assert.ok(scorer.score({ startMs: null, metrics: [metric(12)] }).table > 10)
})

test('the limits are where the surprise is reached, in the metric’s own units', () => {
  const usual: Readonly<Record<Scale, (x: number) => number>> = {
    rate: (x) => 0.3 + 0.02 * x,
    log: (x) => Math.exp(5 + 0.2 * x),
    level: (x) => 7 + x,
    correlation: (x) => 0.5 + 0.05 * x,
    asinh: (x) => 100 + 20 * x,
  }
  for (const [scale, valueAt] of Object.entries(usual) as [Scale, (x: number) => number][]) {
    const scorer = trained((day) => [metric(valueAt(noise[day]!), { scale })], 60)
    const scoreOf = (value: number) => scorer.score(arrivalOf(60, [metric(value, { scale })])).series[0]!
    for (const nats of [1, 4, 8]) {
      const { lowerLimit, upperLimit, centerLine } = limitsAt(scoreOf(valueAt(0)), nats)
      assert.ok(lowerLimit < centerLine && centerLine < upperLimit, `${scale} ${nats}`)
      for (const limit of [lowerLimit, upperLimit])
        assert.ok(
          Math.abs(zSurprise(scoreOf(limit)) - nats) < 1e-6,
          `${scale}: at its limit for ${nats} nats the z channel says ${zSurprise(scoreOf(limit))}`,
        )
    }
    assert.equal(limitsAt(scoreOf(valueAt(0)), SURPRISE_CAP).upperLimit, Number.POSITIVE_INFINITY)
  }
})

/** Surprise of the z channel alone. */
const zSurprise = ({ z, tail }: BatchScore['series'][number]): number => tailSurprise(tail, Math.abs(z))

test('a limit beyond what a rate can be is no limit', () => {
  const rate = (value: number) => [metric(value, { scale: 'rate' })]
  const scorer = trained((day) => rate(0.001 + 0.0005 * Math.abs(noise[day]!)), 30)
  assert.equal(
    limitsAt(scorer.score(arrivalOf(30, rate(0))).series[0]!, 10).lowerLimit,
    Number.NEGATIVE_INFINITY,
  )
})

test('scores are finite whatever the values', () => {
  const anything = fc.double({ noDefaultInfinity: false })
  const scales = fc.constantFrom<Scale>('rate', 'log', 'level', 'correlation')
  fc.assert(
    fc.property(fc.array(anything, { minLength: 2, maxLength: 30 }), scales, (values, scale) => {
      const scorer = createTableScorer()
      for (const value of values) {
        const arrival = { startMs: null, metrics: [metric(value, { scale, support: 0 })] }
        const score = scorer.score(arrival)
        assert.ok(Number.isFinite(score.table) && score.table >= 0 && score.table < SURPRISE_CAP + 1e-9)
        scorer.learn(arrival)
      }
    }),
    { numRuns: 300 },
  )
})

test('a measured variance within the first batch sets the first limits', () => {
  const at = (within: number) => {
    const scorer = createTableScorer({
      withinVariance: new Map([[seriesKey(metric(0)), within]]),
      betweenRatio: 1,
    })
    scorer.learn(arrivalOf(0, [metric(0)]))
    return limitsAt(scorer.score(arrivalOf(1, [metric(0)])).series[0]!, 5).upperLimit
  }
  assert.ok(at(4) > 1.9 * at(1) && at(4) < 2.1 * at(1))
})

test('the scores of a fixed history are the same bits for ever', () => {
  const scorer = createTableScorer()
  const tables = Array.from({ length: 100 }, (_, day) => {
    const score = scorer.score(arrivalOf(day, twelve(day, day === 70 ? 6 : 0)))
    scorer.learn(arrivalOf(day, twelve(day)))
    return score.table
  })
  const bits = new BigUint64Array(Float64Array.from(tables).buffer)
  const digest = bits.reduce((sum, word) => (sum * 1099511628211n + word) % 2n ** 64n, 14695981039346656037n)
  assert.equal(digest.toString(16), '8d46002cc17a9552', 'raise SCORER_VERSION if this was meant')
})

/** Numbers to the edge of what a double holds. */
const anyFinite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(1e308, -1e308, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 0, 1),
)
const anyMetric = fc.record({
  scale: fc.constantFrom<Scale>('rate', 'log', 'level', 'correlation', 'asinh'),
  center: anyFinite,
  spread: fc.oneof(
    fc.double({ min: 1e-300, max: Number.MAX_VALUE, noNaN: true }),
    fc.constantFrom(1e-300, 1),
  ),
})

test('whatever finite numbers arrive, up to the largest double, every score is finite', () => {
  fc.assert(
    fc.property(anyMetric, fc.array(anyFinite, { minLength: 3, maxLength: 20 }), (of, values) => {
      const { scale, center, spread } = of
      const at = (value: number): Metric =>
        metric(value, { scale, ...(scale === 'asinh' ? { frame: { center, spread } } : {}) })
      const scorer = createTableScorer()
      values.forEach((value, day) => {
        const { series, table } = scorer.score(arrivalOf(day, [at(value)]))
        const [score] = series
        assert.ok(Number.isFinite(table))
        for (const part of [score!.z, score!.drift, score!.surprise, score!.scale])
          assert.ok(Number.isFinite(part), JSON.stringify(score))
        assert.ok(day === 0 || Number.isFinite(score!.center), JSON.stringify(score))
        scorer.learn(arrivalOf(day, [at(value)]))
      })
    }),
    { numRuns: 300 },
  )
})

test('a scorer that takes up what another learnt scores the same, to the bit, even through a file', () => {
  const metricsOf = (day: number): readonly Metric[] => [
    metric(Math.sin(day) + (day % 7), { name: 'mean' }),
    metric(0.1 + 0.01 * Math.cos(day), { name: 'nullFraction', scale: 'rate', dimension: 'completeness' }),
  ]
  const straight = createTableScorer({ betweenRatio: 1.5 })
  let resumed = createTableScorer({ betweenRatio: 1.5 })
  for (let day = 0; day < 60; day++) {
    if (day % 11 === 10)
      resumed = createTableScorer({ betweenRatio: 1.5, learnt: deserialize(serialize(resumed.state())) })
    const arrival = arrivalOf(day, metricsOf(day))
    assert.deepEqual(resumed.score(arrival), straight.score(arrival))
    for (const scorer of [straight, resumed]) scorer.learn(arrival)
  }
  assert.equal(resumed.known, 60)
})
