import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVEN_WEIGHTS, type HybridWeights } from '../../src/data/hybrid.ts'
import { DEFAULT_FLOORS, type MaterialityFloors } from '../../src/data/materiality.ts'
import type { Metric } from '../../src/data/metric.ts'
import { combine } from '../../src/detectors/combination.ts'
import { hearSeries, memberOf } from '../../src/detectors/hearing.ts'
import type { SeriesScore } from '../../src/detectors/series-scorer.ts'
import { stationarise } from '../../src/detectors/stationarise.ts'
import { EVEN } from '../../src/math/cases.ts'
import { SURPRISE_CAP } from '../../src/math/surprise.ts'
import { metric, seen } from './metrics.ts'

const NO_FLOORS: MaterialityFloors = { ...DEFAULT_FLOORS, uniqueness: 0, completeness: 0 }
const floors = (of: Partial<MaterialityFloors>): MaterialityFloors => ({ ...NO_FLOORS, ...of })

const scoredOf = (series: readonly SeriesScore[]) => ({ ...combine(series, EVEN), series, worth: EVEN })
const under = (of: MaterialityFloors) => ({ floors: of, weights: EVEN_WEIGHTS })

/** A share of rows that went from `from` to `to`, and surprised. */
function moved(from: number, to: number, changes: Partial<Metric>): SeriesScore {
  const of = { scale: 'rate', entity: 'column', instance: 'a', columns: ['a'], ...changes } as const
  return {
    ...seen(10, of),
    key: `${of.instance} ${of.name}`,
    metric: metric(to, of),
    center: stationarise(from, { scale: 'rate' }),
  }
}
const nulls = (from: number, to: number): SeriesScore =>
  moved(from, to, { name: 'nullFraction', dimension: 'completeness' })

test('without floors everything is heard, as the scorer combined it', () => {
  const series = [nulls(0, 0.001), nulls(0, 0.3)]
  const heard = hearSeries(scoredOf(series), under(NO_FLOORS))
  const { columns, dimensions, table, cases } = combine(series, EVEN)
  assert.deepEqual({ ...heard }, { columns, dimensions, table, cases, whole: table, belowFloor: new Map() })
})

test('half a percent of nulls after none is not heard by default; six in a thousand are, either way', () => {
  for (const [from, to, isHeard] of [
    [0, 0.005, false],
    [0, 0.0054, false],
    [0, 0.006, true],
    [0.2, 0.195, false],
    [0.2, 0.19, true],
  ] as const) {
    const heard = hearSeries(scoredOf([nulls(from, to)]), under(DEFAULT_FLOORS))
    assert.equal(heard.table > 0, isHeard, `${from} → ${to}`)
    assert.ok(heard.whole > 0)
    assert.deepEqual([...heard.belowFloor.values()], isHeard ? [] : [0.005])
  }
})

test('a floor of one dimension leaves the others alone, and what is no share of rows is always heard', () => {
  const pattern = moved(0, 0.002, { name: 'unseenPatternFraction', dimension: 'conformity' })
  const mean = { ...seen(10, { name: 'mean', dimension: 'completeness', scale: 'level' }) }
  const share = moved(0.5, 0.5001, { name: 'upperCaseShare', dimension: 'completeness' })
  for (const score of [pattern, mean, share])
    assert.ok(
      hearSeries(scoredOf([score]), under(floors({ completeness: 0.1 }))).table > 0,
      score.metric.name,
    )
})

test('a new value counts by its rows, not by how few values there are', () => {
  const rows = (share: number) => [
    moved(0, share, { name: 'unseenValueFraction', dimension: 'integrity' }),
    moved(0, 0.25, { name: 'unseenDistinctFraction', dimension: 'integrity' }),
  ]
  assert.equal(hearSeries(scoredOf(rows(0.004)), under(floors({ integrity: 0.01 }))).table, 0)
  assert.ok(hearSeries(scoredOf(rows(0.04)), under(floors({ integrity: 0.01 }))).table > 0)
})

test('what is not heard leaves the scores of its column, its dimension and its cases', () => {
  const series = [
    nulls(0, 0.001),
    { ...seen(4, { name: 'entropy', dimension: 'integrity', instance: 'b', columns: ['b'] }), key: 'b' },
  ]
  const heard = hearSeries(scoredOf(series), under(DEFAULT_FLOORS))
  assert.equal(heard.columns.get('a'), 0)
  assert.equal(heard.dimensions.completeness, 0)
  assert.equal(heard.cases[0], 4)
  assert.equal(heard.table, heard.columns.get('b'))
  assert.ok(heard.whole > heard.table)
})

test('a member of the hybrid counts as much as its weight, and the cap is never passed', () => {
  const pair = { entity: 'pair', instance: 'a → b', columns: ['a', 'b'], dimension: 'consistency' } as const
  const series = [
    seen(10, { name: 'mean' }),
    { ...seen(6, { name: 'rankCorrelation', ...pair }), key: 'pair' },
  ]
  const heard = (weights: HybridWeights) => hearSeries(scoredOf(series), { floors: NO_FLOORS, weights })
  assert.equal(heard({}).columns.get('b'), 6)
  assert.ok(Math.abs(heard({ 'pair-charts': 0.5 }).columns.get('b')! - 3) < 1e-3)
  assert.equal(heard({ 'pair-charts': 0.5 }).dimensions.integrity, 10)
  assert.ok(heard({ charts: 10, 'pair-charts': 10 }).table < SURPRISE_CAP)
})

test('every metric speaks for one member', () => {
  for (const [name, entity, member] of [
    ['nullFraction', 'column', 'charts'],
    ['unseenPairFraction', 'pair', 'pair-charts'],
    ['ksDistance', 'column', 'two-sample'],
    ['isolationForestMedian', 'table', 'isolation-forest'],
    ['nearestNeighboursOddFraction', 'table', 'nearest-neighbours'],
    ['frequencySurpriseQuantile95', 'table', 'frequency-surprise'],
    ['autoencoderMedian', 'table', 'autoencoder'],
    ['rowCount', 'table', 'charts'],
  ] as const)
    assert.equal(memberOf({ name, entity }), member)
})
