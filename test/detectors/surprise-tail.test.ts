import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addToTail,
  createSurpriseTail,
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
  const atThree = tailSurprise(tailShape(normal), 3)
  assert.ok(Math.abs(atThree + Math.log(0.0027)) < 1.5, `3 standard deviations are ${atThree} nats, not 5.9`)
  assert.ok(tailSurprise(tailShape(heavy), 6) < tailSurprise(tailShape(normal), 6) - 2)
})

test('surprise grows with distance, is continuous where the tail starts, and can be inverted', () => {
  const shape = { chance: 0.08, shape: 0.25 }
  assert.ok(Math.abs(tailSurprise(shape, 1.645) - tailSurprise(shape, 1.645 + 1e-9)) < 1e-6)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 30, noNaN: true }), (distance) => {
      const surprise = tailSurprise(shape, distance)
      assert.ok(surprise >= 0 && tailSurprise(shape, distance + 0.01) > surprise)
      assert.ok(Math.abs(tailDistance(shape, surprise) - distance) < 1e-9)
    }),
  )
})

test('the longer a series never strayed, the more a stray tells; its shape stays the prior’s', () => {
  const still = createSurpriseTail()
  const told = [0, 30, 300].map((days) => {
    while (still.values < days) addToTail(still, 0)
    return tailSurprise(tailShape(still), 5)
  })
  assert.ok(told[0]! < told[1]! - 1 && told[1]! < told[2]! - 1, `${told}`)
  assert.equal(tailShape(still).shape, tailShape(createSurpriseTail()).shape)
})

test('the shape is the mean log-excess of the exceedances, shrunk, and forgets in a year', () => {
  const tail = createSurpriseTail()
  for (let i = 0; i < 100; i++) addToTail(tail, i % 10 === 0 ? 1.645 * Math.E : 0)
  assert.ok(Math.abs(tailShape(tail).shape - (10 * 1 + 8 * 0.2) / 18) < 1e-12)
  assert.ok(Math.abs(tailShape(tail).chance - 11 / 110) < 1e-12)
  for (let i = 0; i < 3000; i++) addToTail(tail, 0)
  assert.ok(tailShape(tail).chance < 0.004 && tailShape(tail).shape < 0.21)
})
