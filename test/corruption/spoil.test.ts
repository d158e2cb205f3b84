import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { caseChange } from '../../src/corruption/case-change.ts'
import { columnsSwapped } from '../../src/corruption/columns-swapped.ts'
import { NO_ORIGIN } from '../../src/corruption/draft.ts'
import { exactDuplicates } from '../../src/corruption/exact-duplicates.ts'
import { explicitNulls } from '../../src/corruption/explicit-nulls.ts'
import { scaleChange } from '../../src/corruption/scale-change.ts'
import { type Selector, selectors, selectRows } from '../../src/corruption/selectors.ts'
import { type Shape, strengthAt } from '../../src/corruption/shapes.ts'
import { drawFraction, type Plan, spoil } from '../../src/corruption/spoil.ts'
import { cellAt, columnNamed, tableOf } from '../../src/corruption/table.ts'
import { random } from '../../src/math/random.ts'

const ROWS = 100
const table = tableOf({
  n: Array.from({ length: ROWS }, (_, i) => i),
  digits: Array.from({ length: ROWS }, (_, i) => `00${i}`),
  group: Array.from({ length: ROWS }, (_, i) => 'abcd'[i % 4]!),
  same: Array.from({ length: ROWS }, (_, i) => i),
})
const plan = (
  corruption: Plan['corruption'],
  columns: readonly string[],
  more: Partial<Plan> = {},
): Plan => ({ corruption, columns, fraction: 0.1, seed: 1, ...more })

test('a corruption without effect is refused: the case of digits, a swap of equal values', () => {
  assert.throws(() => spoil(table, plan(caseChange, ['digits'])), { code: 'NO_EFFECT' })
  assert.throws(() => spoil(table, plan(columnsSwapped, ['n', 'same'])), { code: 'NO_EFFECT' })
})

test('what does not fit is refused by name', () => {
  assert.throws(() => spoil(table, plan(caseChange, ['n'])), { code: 'BAD_ARGUMENT' })
  assert.throws(() => spoil(table, plan(caseChange, ['none'])), { code: 'UNKNOWN_COLUMN' })
  assert.throws(() => spoil(table, plan(explicitNulls, ['n', 'group'])), { code: 'BAD_ARGUMENT' })
  assert.throws(() => spoil(table, plan(explicitNulls, ['n'], { fraction: 0 })), { code: 'BAD_ARGUMENT' })
  assert.throws(() => spoil(table, plan(scaleChange, ['n'], { settings: { factor: '7' } })), {
    code: 'BAD_ARGUMENT',
  })
  assert.throws(() => spoil(table, []), { code: 'BAD_ARGUMENT' })
})

test('labels of corruptions in turn follow their rows', () => {
  const nulls = plan(explicitNulls, ['group'], { fraction: 0.2 })
  const spoiled = spoil(table, [nulls, plan(exactDuplicates, [], { fraction: 0.5, seed: 2 })])
  assert.equal(spoiled.table.rows, 150)
  const group = columnNamed(spoiled.table, 'group')!
  for (let row = 0; row < 150; row++)
    assert.equal(spoiled.cellMasks.get('group')![row], cellAt(group, row) === null ? 1 : 0)
  for (let row = 0; row < 150; row++)
    assert.equal(cellAt(columnNamed(spoiled.table, 'n')!, row), spoiled.origins[row])
  assert.ok(!spoiled.origins.includes(NO_ORIGIN))
})

const chosen = (selector: Selector, fraction: number, seed = 1) =>
  selectRows(table, { selector, fraction, column: 'n', draw: random(seed) })

test('every selector chooses as many rows as asked for, ascending, each once', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...selectors),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.integer(),
      (selector, fraction, seed) => {
        const rows = [...chosen(selector, fraction, seed)]
        assert.equal(rows.length, Math.max(1, Math.round(fraction * ROWS)))
        assert.deepEqual(
          rows,
          [...new Set(rows)].sort((a, b) => a - b),
        )
      },
    ),
  )
})

test('selectors choose what they say', () => {
  assert.deepEqual([...chosen('tail', 0.03)], [97, 98, 99])
  assert.deepEqual([...chosen('given-value', 0.03)], [97, 98, 99])
  const block = chosen('block', 0.1)
  assert.equal(block.at(-1)! - block[0]!, 9)
  const { codes } = columnNamed(table, 'group')!
  const two = tableOf({ n: [1, 2, 3, 4, 5, 6], group: ['a', 'b', 'a', 'b', 'a', 'b'] })
  const segment = selectRows(two, { selector: 'segment', fraction: 0.5, column: 'n', draw: random(3) })
  assert.equal(new Set([...segment].map((row) => two.columns[1]!.codes[row])).size, 1)
  assert.equal(codes.length, ROWS)
})

test('a fault is in full once, for its duration, growing, or every third batch', () => {
  const over = (shape: Shape) => Array.from({ length: 6 }, (_, i) => strengthAt(shape, i - 1, 4))
  assert.deepEqual(over('once'), [0, 1, 0, 0, 0, 0])
  assert.deepEqual(over('step'), [0, 1, 1, 1, 1, 0])
  assert.deepEqual(over('ramp'), [0, 0.25, 0.5, 0.75, 1, 0])
  assert.deepEqual(over('intermittent'), [0, 1, 0, 0, 1, 0])
})

test('fractions are drawn log-uniformly from 0.1 % to all rows', () => {
  assert.equal(
    drawFraction(() => 0),
    0.001,
  )
  assert.ok(Math.abs(drawFraction(() => 0.5) - Math.sqrt(0.001)) < 1e-12)
  assert.ok(Math.abs(drawFraction(() => 1) - 1) < 1e-12)
})

test('a million rows are spoiled in a moment, without one object per row', () => {
  const codes = Uint32Array.from({ length: 1_000_000 }, (_, i) => 1 + (i % 1000))
  const large = {
    rows: codes.length,
    columns: [
      {
        column: { name: 'x', type: 'BIGINT', storage: 'number' as const },
        codes,
        values: Array.from({ length: 1000 }, (_, i) => i),
      },
    ],
  }
  const { cellMasks } = spoil(large, plan(explicitNulls, ['x']))
  assert.equal(
    cellMasks.get('x')!.reduce((sum, marked) => sum + marked, 0),
    100_000,
  )
})
