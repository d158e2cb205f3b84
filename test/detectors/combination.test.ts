import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metric } from '../../src/data/metric.ts'
import { combine } from '../../src/detectors/combination.ts'
import { EVEN, type PerCase } from '../../src/math/cases.ts'
import { seen } from './metrics.ts'

const quiet = (count: number) => Array.from({ length: count }, () => seen(1))

const WORTH: PerCase = [1, 1.5, 2]

test('the cases of a column are the means of its 1, 3 and 8 most surprising series', () => {
  const { cases, table } = combine([seen(12), seen(9), seen(6), ...quiet(17)], EVEN)
  assert.deepEqual(cases, [12, 9, (12 + 9 + 6 + 5) / 8])
  assert.equal(table, 12)
})

test('each case is worth what its size is, and the best one speaks', () => {
  assert.equal(combine([seen(12), ...quiet(19)], WORTH).table, 12)
  assert.equal(combine([seen(12), seen(12), seen(12), ...quiet(17)], WORTH).table, 18)
  assert.equal(
    combine(
      Array.from({ length: 8 }, () => seen(9)),
      WORTH,
    ).table,
    18,
  )
})

test('a group with fewer series than a case asks for makes it with all it has', () => {
  const duplicates = seen(15, { entity: 'table', instance: '', columns: [], dimension: 'uniqueness' })
  const { columns, dimensions, cases } = combine([duplicates, ...quiet(19)], EVEN)
  assert.equal(columns.get(''), 15)
  assert.equal(dimensions.uniqueness, 15)
  assert.deepEqual(cases, [15, 15, 15])
})

test('a pair is heard by both its columns, once by a column paired with itself', () => {
  const pair = { entity: 'pair', instance: 'a → b', columns: ['a', 'b'], dimension: 'consistency' } as const
  const { columns } = combine([seen(12, pair), seen(12, pair), seen(12, pair)], EVEN)
  assert.deepEqual([columns.get('a'), columns.get('b')], [12, 12])
  assert.equal(combine([seen(12, { ...pair, columns: ['a', 'a'] })], EVEN).columns.get('a'), 12)
})

test('table series of different dimensions do not testify for each other', () => {
  const table = (surprise: number, dimension: Metric['dimension']) =>
    seen(surprise, { entity: 'table', instance: '', columns: [], dimension })
  const { columns } = combine([table(6, 'uniqueness'), table(5, 'conformity'), table(4, 'integrity')], EVEN)
  assert.equal(columns.get(''), 6)
})

test('no series, no score', () => {
  assert.deepEqual(combine([], EVEN), {
    columns: new Map(),
    dimensions: { conformity: 0, uniqueness: 0, completeness: 0, integrity: 0, consistency: 0 },
    table: 0,
    cases: [0, 0, 0],
  })
})
