import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTableScorer } from '../../src/detectors/table-scorer.ts'
import { random } from '../../src/math/random.ts'
import type { Baseline } from '../../src/monitor/baseline.ts'
import { rootCauses } from '../../src/monitor/root-cause.ts'
import { emptyHistory, learnBatch } from '../../src/profile/history.ts'
import { measure } from '../../src/profile/measure.ts'
import { type Table, viewOf } from '../profile/views.ts'

const ROWS = 600
const SHOPS = ['north', 'south', 'east', 'west']
const KINDS = ['food', 'tools', 'books']

/** A day of sales: a shop, a kind and an amount that depend on nothing else. */
function day(seed: number, spoil: (row: Row) => Row = (row) => row): Table {
  const draw = random(`day ${seed}`)
  const rows = Array.from({ length: ROWS }, () =>
    spoil({
      shop: SHOPS[Math.floor(draw() * SHOPS.length)]!,
      kind: KINDS[Math.floor(draw() * KINDS.length)]!,
      amount: Math.round(1000 + 500 * draw()) / 100,
    }),
  )
  return {
    shop: { type: 'VARCHAR', cells: rows.map(({ shop }) => shop) },
    kind: { type: 'VARCHAR', cells: rows.map(({ kind }) => kind) },
    amount: { type: 'DOUBLE', cells: rows.map(({ amount }) => amount) },
  }
}

interface Row {
  readonly shop: string
  readonly kind: string
  readonly amount: number | null
}

const baseline = ((): Baseline => {
  const [history, scorer] = [emptyHistory(), createTableScorer()]
  for (let i = 0; i < 20; i++) {
    const view = viewOf(day(i))
    scorer.learn({ metrics: measure(view, history), startMs: null })
    learnBatch(history, view)
  }
  return { history, scorer, batchIds: [], waiting: null }
})()

const causesOf = (spoil: (row: Row) => Row) =>
  rootCauses({ view: viewOf(day(99, spoil)), baseline, threshold: 12 })

test('nulls of one shop are blamed on that shop, and without it the batch is as usual', () => {
  const [first] = causesOf((row) => (row.shop === 'east' ? { ...row, amount: null } : row))
  assert.deepEqual(first!.conditions, [{ column: 'shop', value: 'east' }])
  assert.ok(first!.isNormalAgain && first!.before > 12 && first!.after <= 12)
  assert.equal(first!.predicate, `"shop" = 'east'`)
  assert.ok(Math.abs(first!.rowShare - 0.25) < 0.06)
})

test('two conditions are named when one alone does not fit', () => {
  const [first] = causesOf((row) =>
    row.shop === 'west' && row.kind === 'books' ? { ...row, amount: 99999 } : row,
  )
  assert.deepEqual(new Set(first!.columns), new Set(['shop', 'kind']))
  assert.ok(first!.isNormalAgain)
})

test('a fault spread over all rows is blamed on its rows or its column, not on a segment', () => {
  const draw = random('spread')
  const causes = causesOf((row) => (draw() < 0.3 ? { ...row, amount: null } : row))
  assert.notEqual(causes[0]!.kind, 'segment')
  assert.deepEqual(causes[0]!.columns, ['amount'])
})

test('a clean batch has no cause that takes a column out', () => {
  assert.deepEqual(
    rootCauses({ view: viewOf(day(100)), baseline, threshold: 14 }).filter(({ kind }) => kind === 'column'),
    [],
  )
})
