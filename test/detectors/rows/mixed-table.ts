import { storageOf } from '../../../src/data/column.ts'
import type { RowSample, SampleColumn } from '../../../src/data/profile.ts'
import { random, randomNormal } from '../../../src/math/random.ts'

/** A column of a sample from its cells. */
export function columnOf(
  name: string,
  type: string,
  cells: readonly (number | string | null)[],
): SampleColumn {
  const values: (number | string)[] = []
  const places = new Map<number | string, number>()
  const codes = Uint32Array.from(cells, (cell) => {
    if (cell === null) return 0
    if (!places.has(cell)) places.set(cell, values.push(cell))
    return places.get(cell)!
  })
  return { column: { name, type, storage: storageOf(type) }, codes, values: values as number[] | string[] }
}

/** A sample of these columns, which are equally long. */
export const sampleFrom = (...columns: readonly SampleColumn[]): RowSample => ({
  rows: columns[0]?.codes.length ?? 0,
  of: columns[0]?.codes.length ?? 0,
  columns,
})

const CITIES = ['Paris', 'Lyon', 'Lille', 'Nice', 'Brest'] as const
const FIRST_MS = Date.UTC(2024, 2, 1)

/** Rows of every kind of column; `price` follows `size`, `currency` follows `city`. */
export function mixedTable(rows: number, seed = 'mixed'): RowSample {
  const draw = random(seed)
  const city = Array.from({ length: rows }, () => Math.floor(draw() ** 1.5 * CITIES.length))
  const size = Array.from({ length: rows }, () => randomNormal(draw))
  const each = <T>(make: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => make(row))
  const orNull = <T>(value: T, share: number): T | null => (draw() < share ? null : value)
  return sampleFrom(
    columnOf(
      'order id',
      'BIGINT',
      each((row) => 1000 + row),
    ),
    columnOf(
      'size',
      'DOUBLE',
      each((row) => orNull(20 + 4 * size[row]!, 0.05)),
    ),
    columnOf(
      'price',
      'DOUBLE',
      each((row) => 100 + 30 * size[row]! + randomNormal(draw)),
    ),
    columnOf(
      'count',
      'INTEGER',
      each(() => Math.floor(draw() * 5)),
    ),
    columnOf(
      'city',
      'VARCHAR',
      each((row) => orNull(CITIES[city[row]!]!, 0.02)),
    ),
    columnOf(
      'currency',
      'VARCHAR',
      each((row) => (city[row] === 4 ? 'CHF' : 'EUR')),
    ),
    columnOf(
      'is paid',
      'BOOLEAN',
      each(() => (draw() < 0.8 ? 1 : 0)),
    ),
    columnOf(
      'mail',
      'VARCHAR',
      each(() => orNull(`user${Math.floor(draw() * 1e6)}@example.com`, 0.01)),
    ),
    columnOf(
      'score',
      'TIMESTAMP',
      each(() => FIRST_MS + Math.floor((8 + draw() * 12) * 3.6e6)),
    ),
  )
}
