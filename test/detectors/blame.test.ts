import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metric } from '../../src/data/metric.ts'
import { blamedDimension, cause } from '../../src/detectors/blame.ts'
import type { SeriesScore } from '../../src/detectors/table-scorer.ts'
import { metric } from './metrics.ts'

const seen = (surprise: number, changes: Partial<Metric>): SeriesScore => ({
  key: `${changes.name}`,
  metric: metric(0, changes),
  center: 0,
  scale: 1,
  z: 0,
  drift: 0,
  surprise,
  degrees: 10,
  tail: { chance: 0.1, shape: 0.2 },
})
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
