import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blamedDimension, cause } from '../../src/detectors/blame.ts'
import { seen } from './metrics.ts'

const nulls = (surprise: number) => seen(surprise, { name: 'nullFraction', dimension: 'completeness' })
const format = (surprise: number) =>
  seen(surprise, { name: 'unseenPatternFraction', dimension: 'conformity' })
const pair = (surprise: number) =>
  seen(surprise, { name: 'unseenPairFraction', dimension: 'consistency', entity: 'pair' })

test('what is missing explains formats and pairs that are nearly as surprising', () => {
  assert.equal(blamedDimension([pair(12), format(11), nulls(10)]), 'completeness')
  assert.equal(blamedDimension([pair(12), format(11)]), 'conformity')
})

test('a series far less surprising explains nothing', () => {
  assert.equal(blamedDimension([pair(20), nulls(10)]), 'consistency')
})

test('values of another column explain whatever else is strange about them', () => {
  const stray = seen(10, { name: 'strayValueFraction', dimension: 'consistency' })
  assert.equal(cause([format(12), nulls(11), stray]), stray)
})

test('numbers come before what becomes of their decimals', () => {
  const decimals = seen(12, { name: 'moreDecimalsFraction', dimension: 'conformity' })
  const tail = seen(11, { name: 'tailFraction', dimension: 'integrity' })
  assert.equal(blamedDimension([decimals, tail]), 'integrity')
})

test('nothing unusual blames nothing', () => {
  assert.equal(blamedDimension([]), null)
  assert.equal(blamedDimension([nulls(0)]), null)
})
