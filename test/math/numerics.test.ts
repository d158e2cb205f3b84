import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { findRoot } from '../../src/math/find-root.ts'
import {
  random,
  randomInteger,
  randomNormal,
  sampleWithoutReplacement,
  shuffled,
} from '../../src/math/random.ts'
import { solveLinear } from '../../src/math/solve-linear.ts'
import { capSurprise, SURPRISE_CAP, uncapSurprise } from '../../src/math/surprise.ts'
import { assertClose } from './close.ts'

test('a seed fixes the draws for ever', () => {
  const draw = random(42)
  assert.deepEqual(
    [draw(), draw(), draw()],
    [0.3806006174645393, 0.4184605662064541, 0.22449426708981457],
    'the stream of seed 42 changed: every stored experiment that names a seed would change with it',
  )
  assert.notEqual(random('a')(), random('b')())
  assert.equal(random('7')(), random(7)())
})

test('uniform draws fill [0, 1) evenly', () => {
  const draw = random('uniform')
  const bins = new Array<number>(100).fill(0)
  for (let i = 0; i < 100_000; i++) bins[Math.floor(draw() * 100)]! += 1
  const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  assert.ok(chiSquare > 60 && chiSquare < 150, `chi-square of 99 degrees is ${chiSquare}`)
})

test('normal draws have mean 0, variance 1 and kurtosis 3', () => {
  const draw = random('normal')
  const moments = [0, 0, 0]
  for (let i = 0; i < 200_000; i++) {
    const x = randomNormal(draw)
    moments[0]! += x / 200_000
    moments[1]! += x ** 2 / 200_000
    moments[2]! += x ** 4 / 200_000
  }
  assertClose(moments[0]!, 0, 0.01, { scale: 1 })
  assertClose(moments[1]!, 1, 0.01)
  assertClose(moments[2]!, 3, 0.05)
})

test('shuffling permutes, and sampling draws every element equally often', () => {
  const draw = random(3)
  assert.deepEqual(shuffled([1, 2, 3, 4, 5], draw).sort(), [1, 2, 3, 4, 5])
  const hits = new Array<number>(10).fill(0)
  for (let i = 0; i < 20_000; i++) for (const k of sampleWithoutReplacement(10, 3, draw)) hits[k]! += 1
  for (const count of hits) assert.ok(Math.abs(count - 6000) < 300, `drawn ${count} times`)
  assert.deepEqual([...sampleWithoutReplacement(3, 10, draw)], [0, 1, 2])
  for (let i = 0; i < 100; i++) assert.ok([-1, 0, 1].includes(randomInteger(draw, -1, 2)))
})

test('a linear system is solved to the precision of its residual', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), (n, seed) => {
      const draw = random(seed)
      const matrix = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => draw() - 0.5 + (i === j ? 3 : 0)),
      )
      const truth = Array.from({ length: n }, () => draw())
      const right = matrix.map((row) => row.reduce((sum, value, j) => sum + value * truth[j]!, 0))
      solveLinear(matrix, right).forEach((x, i) => {
        assertClose(x, truth[i]!, 1e-11, { scale: 1 })
      })
    }),
  )
  assert.throws(
    () =>
      solveLinear(
        [
          [1, 2],
          [2, 4],
        ],
        [1, 1],
      ),
    { code: 'NOT_CONVERGED' },
  )
  assert.throws(() => solveLinear([[1, 2]], [1]), { code: 'BAD_ARGUMENT' })
})

test('a root is found between different signs only', () => {
  assertClose(
    findRoot((x) => x ** 3 - 2, 0, 10),
    Math.cbrt(2),
    1e-12,
  )
  assertClose(
    findRoot((x) => Math.exp(-x) - 1e-8, 0, 100),
    8 * Math.LN10,
    1e-11,
  )
  assert.throws(() => findRoot((x) => x * x + 1, -1, 1), { code: 'NOT_CONVERGED' })
})

test('capping a surprise keeps its order, stays below the cap, and can be undone', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 200, noNaN: true }), (nats) => {
      assert.ok(capSurprise(nats) <= SURPRISE_CAP && capSurprise(nats) <= nats)
      assert.ok(capSurprise(nats + 1) > capSurprise(nats))
      assertClose(uncapSurprise(capSurprise(nats)), nats, 1e-9, { scale: 1 })
    }),
  )
})
