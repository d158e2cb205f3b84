import type { SampleColumn } from '../data/profile.ts'
import { shuffled } from '../math/random.ts'
import { defineCorruption } from './corruption.ts'
import { type Cell, cellAt, columnOf, type Table } from './table.ts'

/** A good day: more rows of the same kind, with keys of their own. */
export const volumeGrowth = defineCorruption({
  name: 'volume-growth',
  summary: 'A third more rows of the same kind.',
  dimension: null,
  takes: 0,
  wholeBatch: true,
  params: {
    factor: { kind: 'number', default: 1.3, min: 1.01, max: 2, about: 'Rows afterwards over rows before.' },
  },
  accepts: (_, table) => table.rows > 10,
  spoil({ draft, table, settings, draw }) {
    const more = Math.round(table.rows * (settings.factor - 1))
    draft.appendRows(
      freshRows(table, draw),
      Uint32Array.from(shuffled([...Array(table.rows).keys()], draw).slice(0, more)),
    )
  },
})

/** The same rows with keys that were not there; without a key, the column with the most values comes from other rows. */
function freshRows(table: Table, draw: () => number): Table {
  const keys = table.columns.filter(({ values }) => values.length >= 0.99 * table.rows)
  const [widest] = [...table.columns].sort((a, b) => b.values.length - a.values.length)
  const fresh = (column: SampleColumn): SampleColumn => {
    if (keys.includes(column)) return freshKeys(column, table.rows)
    return keys.length === 0 && column === widest
      ? { ...column, codes: Uint32Array.from(shuffled([...column.codes], draw)) }
      : column
  }
  return { rows: table.rows, columns: table.columns.map(fresh) }
}

/** Numbers go on after the largest; texts get another number in them, or a suffix. */
function freshKeys(column: SampleColumn, rows: number): SampleColumn {
  const isNumber = typeof column.values[0] === 'number'
  const largest = isNumber
    ? (column.values as readonly number[]).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    : 0
  const renewed = (cell: Cell, row: number): Cell =>
    cell === null
      ? null
      : isNumber
        ? largest + 1 + row
        : /\d/.test(String(cell))
          ? String(cell).replace(/\d+(?!.*\d)/, (digits) => String(Number(digits) + rows * 10))
          : `${cell}${row}`
  return columnOf(
    column.column,
    Array.from({ length: rows }, (_, row) => renewed(cellAt(column, row), row)),
  )
}
