import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addToTail,
  createSurpriseTail,
  pooledExcess,
  tailDistance,
  tailShape,
  tailSurprise,
} from '../../src/detectors/surprise-tail.ts'
import { random, randomNormal } from '../../src/math/random.ts'
import { addToWindow, createSortedWindow } from '../../src/math/sorted-window.ts'

test('a sorted window always holds the last values in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 60 }), (values) => {
      const window = createSortedWindow(7)
      for (const value of values) addToWindow(window, value)
      const expected = values.slice(-7).sort((a, b) => a - b)
      assert.deepEqual([...window.sorted.subarray(0, window.size)], expected)
    }),
  )
})

test('the surprise of normal values is about −ln of their chance, and heavier tails are less surprised', () => {
  const draw = random('tails')
  const [normal, heavy] = [createSurpriseTail(), createSurpriseTail()]
  for (let i = 0; i < 365; i++) {
    addToTail(normal, Math.abs(randomNormal(draw)))
    addToTail(heavy, Math.abs(randomNormal(draw) / Math.sqrt(draw() + 0.02)))
  }
  const pool = pooledExcess([normal, heavy])
  const atThree = tailSurprise(tailShape(normal, pool), 3)
  assert.ok(Math.abs(atThree + Math.log(0.0027)) < 1.5, `3 standard deviations are ${atThree} nats, not 5.9`)
  assert.ok(tailSurprise(tailShape(heavy, pool), 6) < tailSurprise(tailShape(normal, pool), 6) - 3)
})

test('surprise grows with distance, is continuous where the tail starts, and can be inverted', () => {
  const shape = { start: 1.4, meanExcess: 0.6 }
  assert.ok(Math.abs(tailSurprise(shape, 1.4) - tailSurprise(shape, 1.4 + 1e-9)) < 1e-6)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 30, noNaN: true }), (distance) => {
      const surprise = tailSurprise(shape, distance)
      assert.ok(surprise >= 0 && tailSurprise(shape, distance + 0.01) > surprise)
      assert.ok(Math.abs(tailDistance(shape, surprise) - distance) < 1e-9)
    }),
  )
})

test('a series that never moved is not believed to have no tail', () => {
  const still = createSurpriseTail()
  for (let i = 0; i < 100; i++) addToTail(still, 0)
  const shape = tailShape(still, pooledExcess([still]))
  assert.ok(shape.start >= 1 && shape.meanExcess >= 0.45)
})
