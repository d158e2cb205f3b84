import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import type { Metric } from '../../src/data/metric.ts'
import { seriesKey } from '../../src/data/metric.ts'
import { emptyHistory, type History, learnBatch } from '../../src/profile/history.ts'
import { measure } from '../../src/profile/measure.ts'
import type { Cell } from './sample-of.ts'
import { historyOf, type Table, viewOf } from './views.ts'

const nullable = <T extends Cell>(cell: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(cell, { freq: 8 })

/** Cells by column type: everyday ones, and the worst that the type can hold. */
const cellsOf: Record<string, fc.Arbitrary<Cell>> = {
  DOUBLE: nullable(
    fc.oneof(fc.double(), fc.integer({ min: -5, max: 5 }), fc.constantFrom(1e308, -1e308, 5e-324)),
  ),
  BIGINT: nullable(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.maxSafeInteger())),
  VARCHAR: nullable(
    fc.oneof(fc.string({ maxLength: 12, unit: 'grapheme' }), fc.constantFrom('a', 'b', 'N/A', '')),
  ),
  TIMESTAMP: nullable(fc.integer({ min: -1e13, max: 1e13 })),
  BOOLEAN: nullable(fc.constantFrom(0, 1)),
  'VARCHAR[]': nullable(fc.constantFrom('[]', '["a"]', '["b", null]')),
}

const shape = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 })
  .chain((names) =>
    fc.tuple(
      fc.constant(names),
      fc.array(fc.constantFrom(...Object.keys(cellsOf)), { minLength: 5, maxLength: 5 }),
    ),
  )

/** Some batches of one table, of 0 to 40 rows each. */
const batches: fc.Arbitrary<Table[]> = shape.chain(([names, types]) =>
  fc.array(
    fc.integer({ min: 0, max: 40 }).chain((rows) =>
      fc.record(
        Object.fromEntries(
          names.map((name, i) => [
            name,
            fc.record({
              type: fc.constant(types[i]!),
              cells: fc.array(cellsOf[types[i]!]!, { minLength: rows, maxLength: rows }),
            }),
          ]),
        ),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  ),
) as fc.Arbitrary<Table[]>

const DAY = 86_400_000
const viewsOf = (tables: readonly Table[]) =>
  tables.map((table, i) => viewOf(table, { key: `${i}`, startMs: i * DAY }))

/** The last batch, and what the others teach. */
function lastAgainstOthers(tables: readonly Table[]): { last: Table; history: History } {
  return { last: tables.at(-1)!, history: historyOf(...viewsOf(tables.slice(0, -1))) }
}

/** Failures are not shrunk: cells are many, and the seed tells them. */
const RUNS = { numRuns: 150, endOnFailure: true }

test('measuring changes nothing of the history', () => {
  fc.assert(
    fc.property(batches, (tables) => {
      const { last, history } = lastAgainstOthers(tables)
      const before = structuredClone(history)
      measure(viewOf(last), history)
      assert.deepEqual(history, before)
    }),
    RUNS,
  )
})

test('every metric is a finite number on a sound scale, told once', () => {
  fc.assert(
    fc.property(batches, (tables) => {
      const { last, history } = lastAgainstOthers(tables)
      const metrics = measure(viewOf(last), history)
      assert.equal(new Set(metrics.map(seriesKey)).size, metrics.length)
      for (const metric of metrics) assertSound(metric)
    }),
    RUNS,
  )
})

function assertSound(metric: Metric): void {
  const { value, support, frame, scale } = metric
  assert.ok(Number.isFinite(value), JSON.stringify(metric))
  assert.ok(Number.isFinite(support) && support >= 1, JSON.stringify(metric))
  assert.equal(frame !== undefined, scale === 'asinh', JSON.stringify(metric))
  if (frame)
    assert.ok(
      Number.isFinite(frame.center) && frame.spread > 0 && frame.spread < Infinity,
      JSON.stringify(metric),
    )
  if (scale === 'rate') assert.ok(value >= 0 && value <= 1 + 1e-9, JSON.stringify(metric))
  if (scale === 'correlation') assert.ok(Math.abs(value) <= 1, JSON.stringify(metric))
  if (scale === 'log') assert.ok(value >= 0, JSON.stringify(metric))
}

/** The rows of a table in another order. */
function reordered(table: Table, order: readonly number[]): Table {
  return Object.fromEntries(
    Object.entries(table).map(([name, { type, cells }]) => [
      name,
      { type, cells: order.map((row) => cells[row]!) },
    ]),
  )
}

const rowsOf = (table: Table): number => Object.values(table)[0]!.cells.length

test('the order of the rows changes no metric', () => {
  const shuffledToo = batches.chain((tables) => {
    const rows = Array.from({ length: rowsOf(tables.at(-1)!) }, (_, i) => i)
    return fc.tuple(
      fc.constant(tables),
      fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
    )
  })
  fc.assert(
    fc.property(shuffledToo, ([tables, order]) => {
      const { last, history } = lastAgainstOthers(tables)
      const other = new Map(
        measure(viewOf(reordered(last, order)), history).map((metric) => [seriesKey(metric), metric]),
      )
      const metrics = measure(viewOf(last), history)
      assert.equal(other.size, metrics.length)
      for (const metric of metrics) assertSame(metric, other.get(seriesKey(metric))!)
    }),
    RUNS,
  )
})

/** Sums are taken in another order: equal but for their last digits. */
function assertSame(metric: Metric, other: Metric): void {
  const size = Math.max(1e-9, Math.abs(metric.value), metric.frame?.spread ?? 0)
  assert.ok(
    Math.abs(metric.value - other.value) <= 1e-6 * size,
    `${JSON.stringify(metric)} became ${other.value}`,
  )
}

test('a history learnt batch by batch equals one that was stored and read back in between', () => {
  fc.assert(
    fc.property(batches, (tables) => {
      let stored = emptyHistory()
      const kept = emptyHistory()
      for (const view of viewsOf(tables)) {
        learnBatch(kept, view)
        stored = deserialize(serialize(stored)) as History
        learnBatch(stored, view)
      }
      assert.deepEqual(deserialize(serialize(stored)), deserialize(serialize(kept)))
      const last = viewOf(tables.at(-1)!, { key: 'next' })
      assert.deepEqual(measure(last, stored), measure(last, kept))
    }),
    RUNS,
  )
})

test('metrics on a frame do not depend on the unit of the column', () => {
  const cells = fc.array(
    fc.integer({ min: -8e6, max: 8e6 }).map((eighths) => eighths / 8),
    { minLength: 3, maxLength: 40 },
  )
  fc.assert(
    fc.property(cells, cells, fc.integer({ min: -60, max: 60 }), (past, now, exponent) => {
      const inUnit = (unit: number): Map<string, number> => {
        const view = (of: readonly number[]) =>
          viewOf({ x: { type: 'DOUBLE', cells: of.map((value) => value * unit) } })
        const metrics = measure(view(now), historyOf(view(past))).filter(({ frame }) => frame)
        return new Map(
          metrics.map(({ name, value, frame }) => [name, (value - frame!.center) / frame!.spread]),
        )
      }
      const [whole, scaled] = [inUnit(1), inUnit(2 ** exponent)]
      for (const [name, value] of whole) {
        const other = scaled.get(name)!
        assert.ok(
          Math.abs(other - value) <= 1e-9 * Math.max(1, Math.abs(value)),
          `${name}: ${value}, ${other}`,
        )
      }
    }),
    RUNS,
  )
})
