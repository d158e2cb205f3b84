import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ascending, countingUp, orderOfNumbers } from '../../src/math/rank.ts'

/** The order by a sort that calls back, which is stable. */
const plainOrder = (numbers: readonly number[]): number[] =>
  numbers.map((_, i) => i).sort((i, j) => ascending(numbers[i]!, numbers[j]!))

const orderOf = (numbers: readonly number[]): number[] => [
  ...orderOfNumbers(numbers, countingUp(numbers.length)),
]

test('numbers are ordered as a stable sort orders them, NaN last, both zeros alike', () => {
  const numbers = fc.array(fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }), fc.constant(-0)))
  fc.assert(fc.property(numbers, (values) => assert.deepEqual(orderOf(values), plainOrder(values))))
})

test('numbers that differ in their last bits alone are told apart', () => {
  const nearly = fc.array(
    fc.integer({ min: 0, max: 40 }).map((bits) => 1 + bits * Number.EPSILON),
    { maxLength: 60 },
  )
  fc.assert(fc.property(nearly, (values) => assert.deepEqual(orderOf(values), plainOrder(values))))
  const large = [2 ** 53 - 1, 2 ** 53 - 3, -(2 ** 53 - 1), 2 ** 53 - 2, -(2 ** 53 - 2)]
  assert.deepEqual(orderOf(large), plainOrder(large))
})

test('only the positions given are ordered, however often', () => {
  assert.deepEqual([...orderOfNumbers([3, 1, 2], Uint32Array.of(0, 2, 0))], [2, 0, 0])
})
