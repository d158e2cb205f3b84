import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metric } from '../../src/data/metric.ts'
import { combine } from '../../src/detectors/combination.ts'
import type { SeriesScore } from '../../src/detectors/table-scorer.ts'
import { metric } from './metrics.ts'

const seen = (surprise: number, changes: Partial<Metric> = {}): SeriesScore => ({
  key: `${changes.name}`,
  metric: metric(0, changes),
  center: 0,
  scale: 1,
  z: 0,
  drift: 0,
  surprise,
  degrees: 10,
  tail: { start: 1.4, meanExcess: 0.5 },
})
const quiet = (count: number) => Array.from({ length: count }, () => seen(1))

test('three witnesses count with their mean, whatever the other series say', () => {
  assert.equal(combine([seen(12), seen(9), seen(6), ...quiet(17)]).table, 9)
})

test('a fluke of one metric is damped, a single overwhelming witness survives', () => {
  assert.ok(combine([seen(8), ...quiet(19)]).table < 4)
  assert.ok(combine([seen(25), ...quiet(19)]).table > 18)
})

test('a group with few series pays little for missing witnesses', () => {
  const duplicates = seen(15, { entity: 'table', instance: '', columns: [], dimension: 'uniqueness' })
  const { columns, dimensions, table } = combine([duplicates, ...quiet(19)])
  assert.equal(columns.get(''), 15)
  assert.equal(dimensions.uniqueness, 15)
  assert.equal(table, 15)
})

test('a pair is heard by both its columns, once by a column paired with itself', () => {
  const pair = { entity: 'pair', instance: 'a → b', columns: ['a', 'b'], dimension: 'consistency' } as const
  const { columns } = combine([seen(12, pair), seen(12, pair), seen(12, pair)])
  assert.deepEqual([columns.get('a'), columns.get('b')], [12, 12])
  assert.equal(combine([seen(12, { ...pair, columns: ['a', 'a'] })]).columns.get('a'), 12)
})

test('table series of different dimensions do not testify for each other', () => {
  const table = (surprise: number, dimension: Metric['dimension']) =>
    seen(surprise, { entity: 'table', instance: '', columns: [], dimension })
  const { columns } = combine([table(6, 'uniqueness'), table(5, 'conformity'), table(4, 'integrity')])
  assert.equal(columns.get(''), 6)
})

test('no series, no score', () => {
  assert.deepEqual(combine([]), {
    columns: new Map(),
    dimensions: { conformity: 0, uniqueness: 0, completeness: 0, integrity: 0, consistency: 0 },
    table: 0,
  })
})
