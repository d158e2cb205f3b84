import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addCount, countOf, countTable, raiseLevel } from '../../src/profile/count-table.ts'
import { assertMetrics, historyOf, metricsOn, type Table, upTo, viewOf } from './views.ts'

/** Distinct texts that a profile of one column keeps. */
const BUDGET = 16_384

const users = (distinct: number, from = 0): Table => ({
  user: { type: 'VARCHAR', cells: upTo(2 * distinct, (i) => `u${from + (i % distinct)}`) },
})
/** More than are kept, so that the history knows a sample of them. */
const history = historyOf(viewOf(users(BUDGET + 100)), viewOf(users(BUDGET + 100)))

test('values that were seen but not kept are not called unseen when a smaller batch keeps them all', () => {
  const batch = viewOf(users(BUDGET - 100))
  assert.equal(batch.profile.columns[0]!.frequencies.level, 0)
  assertMetrics(
    'user',
    { unseenValueFraction: 0, unseenDistinctFraction: 0, unseenWordFraction: 0 },
    { batch, history },
  )
})

test('a sample of the values tells the share of the unseen ones', () => {
  const metrics = metricsOn('user', viewOf(users(BUDGET - 100, BUDGET / 2)), history)
  const expected = (BUDGET / 2 - 200) / (BUDGET - 100)
  // Half of 16,284 values are looked at: a standard deviation of √(¼/8142) = 0.0055, 4 of them.
  assert.ok(Math.abs(metrics.get('unseenValueFraction')!.value - expected) < 0.022)
})

test('raising the level of a table drops the keys that are not divisible by it', () => {
  const table = countTable(100)
  for (let key = 1; key <= 16; key++) addCount(table, key, key)
  raiseLevel(table, 2)
  raiseLevel(table, 1)
  assert.equal(table.level, 2)
  assert.deepEqual(
    upTo(16, (key) => countOf(table, key)).filter((count) => count !== 0),
    [4, 8, 12, 16],
  )
  addCount(table, 6, 1)
  assert.equal(countOf(table, 6), 0)
})
