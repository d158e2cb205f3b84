import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VALUE_CLASSES, valueClasses } from '../../src/profile/value-class.ts'
import { sampleOf } from './sample-of.ts'

const classesOf = (type: string, cells: readonly (number | string | null)[]): readonly number[] => {
  const [column] = sampleOf({ x: { type, cells } }).columns
  const classes = valueClasses(column!)
  return Array.from(column!.codes, (code) => classes[code]!)
}

test('numbers are told apart by sign and decimals, null is class 0', () => {
  const [whole, negative, half, cents, fine, zero, none] = classesOf('DOUBLE', [
    7,
    -7,
    0.5,
    0.25,
    0.125,
    0,
    null,
  ])
  assert.equal(none, 0)
  assert.equal(new Set([whole, negative, half, cents, fine, zero, none]).size, 7)
  assert.equal(classesOf('DOUBLE', [7, 12])[0], classesOf('DOUBLE', [7, 12])[1])
})

test('a 32-bit 0.1 has one decimal', () => {
  assert.deepEqual(classesOf('FLOAT', [Math.fround(0.1)]), classesOf('DOUBLE', [0.1]))
})

test('texts are told apart by the kinds of their characters', () => {
  const [digits, code, lower, same] = classesOf('VARCHAR', ['536365', 'C536379', 'abc', '17'])
  assert.equal(digits, same)
  assert.equal(new Set([digits, code, lower]).size, 3)
  assert.ok(Math.max(digits!, code!, lower!) < VALUE_CLASSES)
})
