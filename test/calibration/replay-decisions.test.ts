import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Decision, ScoredBatch } from '../../src/calibration/replay-decisions.ts'
import { replayDecisions } from '../../src/calibration/replay-decisions.ts'
import { EVEN, type PerCase } from '../../src/math/cases.ts'
import { ln } from '../../src/math/exponential.ts'
import { random } from '../../src/math/random.ts'
import { SURPRISE_CAP } from '../../src/math/surprise.ts'

const CALM = { conformity: 0, uniqueness: 0, completeness: 0, integrity: 0, consistency: 0 }
const DAY_MS = 86_400_000
const ONE_A_WEEK = { alerts: 1, per: 'week' } as const

const scored = (
  day: number,
  columns: Record<string, number>,
  changes: Partial<ScoredBatch> = {},
): ScoredBatch => ({
  startMs: day * DAY_MS,
  columns: new Map(Object.entries(columns)),
  dimensions: { ...CALM, integrity: Math.max(0, ...Object.values(columns)) },
  cases: [Math.max(0, ...Object.values(columns)), 0, 0],
  worth: EVEN,
  provisional: day < 8,
  absolute: false,
  ...changes,
})

/** Independent exponential scores in two columns, without incidents. */
function calm(days: number, seed: number | string = 'calm', stepDays = 1): ScoredBatch[] {
  const draw = random(seed)
  const exponential = () => -ln(1 - draw())
  return Array.from({ length: days }, (_, i) =>
    scored(i * stepDays, { a: exponential(), b: exponential() }, { provisional: i < 8 }),
  )
}

const alertsOf = (decisions: readonly Decision[]) => decisions.filter(({ alert }) => alert).length
const last = (history: readonly ScoredBatch[]): Decision => replayDecisions(history, ONE_A_WEEK).at(-1)!

test('the budget is held on calm scores, per day, week and month, and for weekly batches', () => {
  for (const [budget, stepDays, expected] of [
    [{ alerts: 0.2, per: 'day' }, 1, 0.2],
    [ONE_A_WEEK, 1, 1 / 7],
    [{ alerts: 2, per: 'month' }, 1, 24 / 365.25],
    [{ alerts: 1, per: 'month' }, 7, (7 * 12) / 365.25],
    [{ alerts: 3, per: 'day' }, 1 / 24, 3 / 24],
  ] as const) {
    const decisions = replayDecisions(calm(1000, 'budget', stepDays), budget).slice(56)
    const ratio = alertsOf(decisions) / decisions.length / expected
    assert.ok(ratio > 0.85 && ratio < 1.15, `${budget.alerts}/${budget.per} every ${stepDays} days: ${ratio}`)
  }
})

test('the same history gives the same decisions, and a longer one the same beginning', () => {
  const history = calm(300)
  const decisions = replayDecisions(history, ONE_A_WEEK)
  assert.deepEqual(replayDecisions(history, ONE_A_WEEK), decisions)
  assert.deepEqual(replayDecisions(history.slice(0, 200), ONE_A_WEEK), decisions.slice(0, 200))
})

test('the decisions of a fixed history are the same bits for ever', () => {
  const thresholds = replayDecisions(calm(300), ONE_A_WEEK).map(({ threshold }) => threshold)
  const bits = new BigUint64Array(Float64Array.from(thresholds).buffer)
  const digest = bits.reduce((sum, word) => (sum * 1099511628211n + word) % 2n ** 64n, 14695981039346656037n)
  assert.equal(digest.toString(16), 'ff0acdfcb4e872f', 'raise CONTROLLER_VERSION if this was meant')
})

test('a larger budget never alerts less', () => {
  const history = calm(400)
  const counts = [0.5, 1, 2, 4].map((alerts) => alertsOf(replayDecisions(history, { alerts, per: 'week' })))
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => a - b),
  )
})

test('the first batch cannot be judged, the first fourteen only provisionally', () => {
  const states = replayDecisions(calm(20), ONE_A_WEEK).map(({ state }) => state)
  assert.deepEqual(states, ['learning', ...Array(13).fill('provisional'), ...Array(6).fill('judged')])
  assert.equal(replayDecisions([scored(0, {})], ONE_A_WEEK)[0]!.state, 'learning')
})

test('early batches alert above 7.5 nats only at first, then above 9', () => {
  const early = (score: number) => last([...calm(5), scored(5, { a: score, b: 0 })])
  assert.equal(early(8.9).alert, false)
  assert.equal(early(9.1).alert, true)
  assert.deepEqual(early(9.1).columns, ['a'])
})

test('an absolute rule alerts whatever the score and spends no budget', () => {
  const history = calm(100)
  const ruled = history.map((batch, i) => (i === 60 ? { ...batch, absolute: true } : batch))
  const [plain, withRule] = [replayDecisions(history, ONE_A_WEEK), replayDecisions(ruled, ONE_A_WEEK)]
  assert.ok(withRule[60]!.alert)
  assert.deepEqual(
    withRule.map(({ threshold }) => threshold),
    plain.map(({ threshold }) => threshold),
  )
})

test('an incident alerts once, is told as continued, and alerts again only when much worse', () => {
  const calmDays = calm(100)
  const tail = [15, 14, 12, 34, 13].map((score, i) => scored(100 + i, { a: score, b: 0 }))
  const decisions = replayDecisions([...calmDays, ...tail], ONE_A_WEEK).slice(100)
  assert.deepEqual(
    decisions.map(({ alert }) => alert),
    [true, false, false, true, false],
  )
  assert.deepEqual(
    decisions.map(({ continued }) => continued),
    [[], ['a'], [], [], []],
    'only while it is as bad as when it opened',
  )
  assert.ok(decisions[1]!.score < 1, 'an open column counts for what it adds to its peak')
})

test('two quiet batches close an incident, and so does a fortnight of it', () => {
  const after = (scores: readonly number[]) =>
    last([...calm(100), ...scores.map((score, i) => scored(100 + i, { a: score, b: 0 }))])
  assert.equal(after([15, 0, 15]).alert, false)
  assert.equal(after([15, 0, 0, 15]).alert, true)
  assert.equal(after(new Array(15).fill(15)).alert, false)
  assert.equal(after(new Array(16).fill(15)).alert, true)
})

test('several columns on one batch are one alert, most surprising first', () => {
  const { alert, columns } = last([...calm(100), scored(100, { b: 20, a: 20, c: 30 })])
  assert.ok(alert)
  assert.deepEqual(columns, ['c', 'a', 'b'])
})

test('a monitor whose usual scores reach the cap says that it cannot ring', () => {
  const deaf = Array.from({ length: 100 }, (_, i) => scored(i, { a: SURPRISE_CAP - (i % 3) * 1e-3 }))
  const decisions = replayDecisions(deaf, ONE_A_WEEK)
  assert.ok(decisions.some(({ canRing }) => !canRing))
  assert.ok(replayDecisions(calm(100), ONE_A_WEEK).every(({ canRing }) => canRing))
})

test('an outage saves up no alerts, and batches out of order do no harm', () => {
  const history = [
    ...calm(100),
    ...calm(100, 'later').map((batch) => ({ ...batch, startMs: batch.startMs! + 400 * DAY_MS })),
  ]
  const decisions = replayDecisions(history, ONE_A_WEEK).slice(100)
  assert.ok(alertsOf(decisions) <= 22, `${alertsOf(decisions)} alerts in 100 days after an outage`)
  const shuffledTimes = calm(200).map((batch, i) => ({ ...batch, startMs: i % 5 === 0 ? 0 : batch.startMs }))
  assert.ok(alertsOf(replayDecisions(shuffledTimes, ONE_A_WEEK)) < 60)
})

test('past scores are weighed as today’s are', () => {
  const many = (day: number, nats: number, worth: PerCase) =>
    scored(day, { a: nats * worth[2] }, { cases: [1, 1, nats], worth })
  const draw = random('worth')
  const before = Array.from({ length: 120 }, (_, i) => many(i, 2 + draw(), EVEN))
  const after = Array.from({ length: 5 }, (_, i) => many(120 + i, 2.5, [1, 1, 3]))
  const decisions = replayDecisions([...before, ...after], { alerts: 1, per: 'month' })
  assert.equal(alertsOf(decisions.slice(120)), 0, 'the same case is no news')
})

test('any scores give finite thresholds', () => {
  const column = fc.constantFrom('a', 'b', '')
  const nats = fc.double({ min: 0, max: 40, noNaN: true })
  const batch = fc.record({
    startMs: fc.option(fc.integer({ min: 0, max: 1e12 })),
    columns: fc.array(fc.tuple(column, nats)).map((pairs) => new Map(pairs)),
    dimensions: nats.map((most) => ({ ...CALM, integrity: most })),
    cases: nats.map((most): PerCase => [most, most / 2, most / 3]),
    worth: nats.map((most): PerCase => [1, 1 + most / 40, 1 + most / 20]),
    provisional: fc.boolean(),
    absolute: fc.boolean(),
  })
  const budget = fc.record({
    alerts: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    per: fc.constantFrom('day', 'week', 'month'),
  })
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 60 }), budget, (history, asked) => {
      for (const { threshold, score, alert, columns } of replayDecisions(history, asked)) {
        assert.ok(Number.isFinite(threshold) && Number.isFinite(score))
        assert.ok(columns.length === 0 || (alert && score > threshold))
      }
    }),
  )
})

test('scores of batches known to be bad set no threshold: what real incidents taught is forgotten', () => {
  const draw = random('bad')
  const history = calm(200).map((batch, i) =>
    i > 60 && i % 6 === 0 ? scored(i, { [`c${i}`]: 14 + 4 * draw(), a: 0, b: 0 }) : batch,
  )
  const flagged = history.map((batch) => ({ ...batch, isBad: batch.columns.size === 3 }))
  const next = scored(200, { a: 11, b: 0 })
  assert.equal(last([...history, next]).alert, false, 'deaf to it')
  assert.equal(last([...flagged, next]).alert, true)
  assert.deepEqual(
    replayDecisions(
      flagged.map(({ isBad: _, ...batch }) => batch),
      ONE_A_WEEK,
    ),
    replayDecisions(history, ONE_A_WEEK),
  )
})

test('what a materiality floor alone keeps silent goes to the digest, and spends nothing', () => {
  const history = calm(100)
  const silenced = [...history, scored(100, { a: 0.5, b: 0.5 }, { whole: 30 })]
  const decision = last(silenced)
  assert.deepEqual(
    { alert: decision.alert, digest: decision.digest, isBelowFloor: decision.isBelowFloor },
    { alert: false, digest: true, isBelowFloor: true },
  )
  assert.equal(last([...history, scored(100, { a: 0.5, b: 0.5 }, { whole: 0.5 })]).isBelowFloor, false)
  const next = scored(101, { a: 30, b: 0.5 }, { whole: 30 })
  assert.equal(last([...silenced, next]).alert, true)
  assert.equal(last([...silenced, next]).isBelowFloor, false)
})
