import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { corruptions } from '../../src/corruption/index.ts'
import { spoil } from '../../src/corruption/spoil.ts'
import { tableOf } from '../../src/corruption/table.ts'
import { FiableError } from '../../src/data/errors.ts'
import type { RowSample } from '../../src/data/profile.ts'
import { targetsOf } from '../../src/evaluation/trial-plan.ts'
import { random } from '../../src/math/random.ts'
import { type MeasuredBatch, measureBatches, type RehearsedBatch } from '../../src/monitor/measured-batch.ts'

const DAY_MS = 86_400_000

function batchOf(day: number): RehearsedBatch {
  const draw = random(`orders ${day}`)
  const rows = Array.from({ length: 120 }, () => {
    const country = draw() < 0.6 ? 'France' : draw() < 0.5 ? 'Spain' : 'Italy'
    const price = Math.round(100 * (1 + draw() * 20)) / 100
    const quantity = 1 + Math.floor(draw() * 6)
    return { country, price, quantity, total: Math.round(100 * price * quantity) / 100, isPaid: draw() < 0.9 }
  })
  const sample = {
    ...tableOf({
      id: rows.map((_, i) => `A-${day}${String(i).padStart(4, '0')}`),
      country: rows.map(({ country }) => country),
      currency: rows.map(({ country }) => (country === 'France' ? 'EUR' : 'USD')),
      price: rows.map(({ price }) => (price > 20.5 ? null : price)),
      quantity: rows.map(({ quantity }) => quantity),
      total: rows.map(({ total }) => total),
      isPaid: rows.map(({ isPaid }) => Number(isPaid)),
      at: rows.map((_, i) => day * DAY_MS + i * 60_000),
    }),
    of: 120,
  }
  const listing = { key: String(day), startMs: day * DAY_MS, endMs: (day + 1) * DAY_MS }
  return { listing, label: null, inBaseline: true, sample }
}

async function* days(count: number): AsyncGenerator<RehearsedBatch> {
  for (let day = 0; day < count; day++) yield batchOf(18_000 + day)
}

/** The same rows, sharing no object with any other table: nothing can be taken over. */
const unshared = (rows: RowSample): RowSample => ({
  ...rows,
  columns: rows.columns.map((column) => ({ ...column })),
})

const spoiledOrNull = (...plan: Parameters<typeof spoil>): RowSample | null => {
  try {
    const { table } = spoil(...plan)
    return { ...table, of: table.rows }
  } catch (thrown) {
    if (thrown instanceof FiableError && thrown.code === 'NO_EFFECT') return null
    throw thrown
  }
}

function* spoiledInEveryWay({ batch, previous }: MeasuredBatch): Generator<readonly [string, RowSample]> {
  for (const corruption of corruptions)
    for (const columns of targetsOf(corruption, batch.sample).slice(0, 4)) {
      if (corruption.needsPrevious && !previous) continue
      const rows = spoiledOrNull(batch.sample, { corruption, columns, fraction: 0.2, seed: 1 }, previous)
      if (rows) yield [`${corruption.name} of ${columns.join(' and ')}`, rows]
    }
}

test('measuring only what a corruption changed gives the metrics of measuring everything, bit for bit', async () => {
  let compared = 0
  let place = 0
  for await (const stand of measureBatches(days(9)))
    if (++place === 2 || place === 9)
      for (const [name, rows] of spoiledInEveryWay(stand)) {
        assert.ok(isDeepStrictEqual(stand.measure(rows), stand.measure(unshared(rows))), name)
        compared++
      }
  assert.ok(compared > 150, `${compared} compared`)
})

test('the clean batch measured in its own place measures what it did', async () => {
  for await (const { batch, clean, measure } of measureBatches(days(4)))
    assert.deepEqual(measure(batch.sample), clean)
})
