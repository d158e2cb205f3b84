import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wilson } from '../../src/math/proportion.ts'
import { averagePrecision, rocAuc } from '../../src/math/roc.ts'
import { assertClose } from './close.ts'

test('Wilson intervals are those of Newcombe (1998), Statistics in Medicine 17, table I', () => {
  for (const [hits, trials, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    const interval = wilson(hits, trials)
    assertClose(interval.low, low, 1e-3, { scale: 0.1 })
    assertClose(interval.high, high, 1e-3, { scale: 0.1 })
  }
})

test('without trials nothing is known', () => {
  const { rate, low, high } = wilson(0, 0)
  assert.deepEqual([rate, low, high], [Number.NaN, 0, 1])
})

test('the area under the curve counts pairs in order, ties by half', () => {
  assert.equal(rocAuc([1, 2, 3], [4, 5]), 1)
  assert.equal(rocAuc([4, 5], [1, 2]), 0)
  assert.equal(rocAuc([1, 3], [2, 3]), (1 + 0 + 1 + 0.5) / 4)
  assert.ok(Number.isNaN(rocAuc([], [1])))
})

test('average precision of a hand-made ranking: hits at ranks 1 and 3 of 4', () => {
  assertClose(averagePrecision([3, 1], [4, 2]), (1 / 1 + 2 / 3) / 2, 1e-12)
  assert.equal(averagePrecision([1, 2], [3, 4]), 1)
  assert.equal(averagePrecision([1, 1], [1, 1]), 0.5)
})
