import { shuffled } from '../math/random.ts'
import { defineCorruption } from './corruption.ts'
import type { Table } from './table.ts'

/** A good day. */
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
    const jittered = resampled(table, draw)
    draft.appendRows(
      jittered,
      Uint32Array.from({ length: more }, () => Math.floor(draw() * table.rows)),
    )
  },
})

/** New rows must not be exact copies: the column with the most values is drawn from other rows. */
function resampled(table: Table, draw: () => number): Table {
  const widest = [...table.columns].sort((a, b) => b.values.length - a.values.length)[0]!
  const columns = table.columns.map((column) =>
    column === widest ? { ...column, codes: Uint32Array.from(shuffled([...column.codes], draw)) } : column,
  )
  return { rows: table.rows, columns }
}
