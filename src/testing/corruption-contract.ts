import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Corruption } from '../corruption/corruption.ts'
import type { Spoiled } from '../corruption/draft.ts'
import { NO_ORIGIN } from '../corruption/draft.ts'
import { type Plan, spoil } from '../corruption/spoil.ts'
import { type Cell, cellAt, columnNamed, type Table, tableOf } from '../corruption/table.ts'
import { dimensions } from '../data/dimension.ts'
import type { Params } from '../data/params.ts'
import { random } from '../math/random.ts'

const ROWS = 240
const MARCH = Date.UTC(2024, 2, 1)

/** A small batch with a column of every kind, nulls, a key, a dependency, an identity and an order. */
function fixture(seed: number): Table {
  const draw = random(`fixture ${seed}`)
  const rows = Array.from({ length: ROWS }, (_, i) => orderOf(seed * 10_000 + i * 7, draw))
  const names = Object.keys(rows[0]!) as (keyof ReturnType<typeof orderOf>)[]
  const columns = Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]))
  return tableOf(columns, { created: 'time', shipped: 'time', paid: 'boolean' })
}

function orderOf(id: number, draw: () => number) {
  const shop = Math.floor(draw() * 6)
  const quantity = 1 + Math.floor(draw() * 9)
  const price = Math.round(100 + draw() * 4900) / 100
  const created = MARCH + Math.floor(draw() * 86_400) * 1000
  return {
    id,
    reference: `Order No. ${id}`,
    shop: `Shop ${'ABCDEF'[shop]}`,
    city: ['Paris', 'Lyon', 'Metz', 'Brest', 'Lille', 'Nîmes'][shop]!,
    remark: draw() < 0.1 ? null : `please deliver to door ${Math.floor(draw() * 40)}`,
    quantity,
    price,
    total: draw() < 0.05 ? null : Math.round(quantity * price * 100) / 100,
    created,
    shipped: created + 3_600_000 + Math.floor(draw() * 86_400) * 1000,
    paid: draw() < 0.8 ? 1 : 0,
  }
}

/** Columns that the corruption accepts on the fixture: the first that fit. */
function fittingColumns({ takes, accepts }: Corruption<Params>, table: Table): readonly string[] | null {
  const { columns } = table
  if (takes === 0) return accepts([], table) ? [] : null
  for (const a of columns) {
    if (takes === 1 && accepts([a], table)) return [a.column.name]
    for (const b of takes === 2 ? columns : [])
      if (a !== b && accepts([a, b], table)) return [a.column.name, b.column.name]
  }
  return null
}

const cellsOf = (table: Table): Record<string, Cell[]> =>
  Object.fromEntries(
    table.columns.map((column) => [
      column.column.name,
      Array.from({ length: table.rows }, (_, row) => cellAt(column, row)),
    ]),
  )

/** What every corruption owes its users; run over the whole list, and exported for corruptions of others. */
export function checkCorruption(corruption: Corruption<Params>): void {
  const on = (rule: string, run: () => void) => void test(`${corruption.name}: ${rule}`, run)
  const table = fixture(1)
  const previous = fixture(2)
  const columns = fittingColumns(corruption, table)
  const planOf = (seed: number, fraction = 0.25): Plan => ({ corruption, columns: columns!, fraction, seed })
  const run = (seed: number, fraction?: number): Spoiled => spoil(table, planOf(seed, fraction), previous)

  on('fits some columns of a batch with every kind of column', () => assert.ok(columns))
  on('same seed, same spoiling', () => assert.deepEqual(cellsOf(run(3).table), cellsOf(run(3).table)))
  on('the batch and the one before are left untouched', () => {
    run(4)
    assert.deepEqual([cellsOf(table), cellsOf(previous)], [cellsOf(fixture(1)), cellsOf(fixture(2))])
  })
  on('labels are exact: a marked cell differs from its original, an unmarked one does not', () =>
    checkLabels(table, run(5)),
  )
  on('spoils no more rows than the fraction asks for', () => {
    if (corruption.wholeBatch) return
    const { rowMask, removedRows } = run(6, 0.1)
    const spoiled = rowMask.reduce((sum, marked) => sum + marked, 0) + removedRows
    assert.ok(spoiled >= 1 && spoiled <= 2 * 0.1 * ROWS, `${spoiled} of ${ROWS} rows`)
  })
  on('works on all rows and on one', () => {
    run(7, 1)
    assert.ok(attempts(() => run(8, 1 / ROWS)))
  })
  on('is declared: summary, dimension, and parameters with ranges', () => {
    assert.match(corruption.summary, /^[A-Z].*\.$/)
    assert.ok(corruption.dimension === null || dimensions.includes(corruption.dimension))
    for (const param of Object.values(corruption.params)) assert.ok(param.about && isInRange(param))
  })
}

/** On one row a corruption may honestly have no effect, and says so. */
function attempts(run: () => Spoiled): boolean {
  try {
    return run().table.rows > 0
  } catch (error) {
    return (error as { code?: string }).code === 'NO_EFFECT'
  }
}

const isInRange = (param: Params[string]): boolean =>
  param.kind === 'choice'
    ? param.choices.includes(param.default)
    : param.min <= param.default && param.default <= param.max

function checkLabels(original: Table, spoiled: Spoiled): void {
  let marked = 0
  for (const { column } of spoiled.table.columns) {
    const before = spoiled.names.get(column.name)
    if (before === undefined) continue
    const mask = spoiled.cellMasks.get(column.name)
    for (let row = 0; row < spoiled.table.rows; row++) {
      const origin = spoiled.origins[row]!
      if (origin === NO_ORIGIN) continue
      const now = cellAt(columnNamed(spoiled.table, column.name)!, row)
      const was = cellAt(columnNamed(original, before)!, origin)
      const isMarked = mask?.[row] === 1
      marked += Number(isMarked)
      assert.equal(!isSame(now, was), isMarked, `${column.name} at ${row}: ${was} → ${now}`)
      if (isMarked) assert.equal(spoiled.rowMask[row], 1)
    }
  }
  const isTold =
    marked > 0 ||
    spoiled.rowMask.includes(1) ||
    spoiled.removedRows > 0 ||
    spoiled.schemaChanges > 0 ||
    spoiled.isReordered
  assert.ok(isTold, 'something must have changed')
}

/** A column of numbers that became texts holds its numbers as texts: unchanged cells compare by what they say. */
const isSame = (now: Cell, was: Cell): boolean =>
  now === was ||
  (typeof now === 'string' &&
    typeof was === 'number' &&
    (now === String(was) ||
      now === new Date(was).toISOString().replace('T', ' ').slice(0, 19) ||
      now === String(was === 1)))
