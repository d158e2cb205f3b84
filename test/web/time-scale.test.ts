import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeScale } from '../../web/runs/time-scale.ts'

test('instants lie to scale between the first start and the last end', () => {
  const { placeOf, cuts } = timeScale([
    { startMs: 1000, endMs: 1400 },
    { startMs: 1200, endMs: 1500 },
    { startMs: 1600, endMs: 2000 },
  ])
  assert.deepEqual([1000, 1200, 1500, 1600, 2000].map(placeOf), [0, 0.2, 0.5, 0.6, 1])
  assert.deepEqual(cuts, [])
})

test('an idle time longer than all that was done is cut out, and told', () => {
  const day = 86_400_000
  const { placeOf, cuts } = timeScale([
    { startMs: 0, endMs: 100 },
    { startMs: day, endMs: day + 100 },
  ])
  assert.equal(cuts.length, 1)
  assert.equal(cuts[0]!.idleMs, day - 100)
  assert.ok(placeOf(100) < cuts[0]!.at && cuts[0]!.at < placeOf(day))
  const width = (startMs: number, endMs: number): number => placeOf(endMs) - placeOf(startMs)
  assert.ok(Math.abs(width(0, 100) - width(day, day + 100)) < 1e-12)
  assert.equal(placeOf(day + 100), 1)
})

test('steps that took no time, or none at all, have a place', () => {
  assert.equal(timeScale([]).placeOf(5), 0)
  assert.equal(timeScale([{ startMs: 5, endMs: 5 }]).placeOf(5), 0)
})
