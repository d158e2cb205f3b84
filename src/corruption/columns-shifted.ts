import type { Storage } from '../data/column.ts'
import { defineCorruption } from './corruption.ts'
import type { Cell } from './table.ts'

/** A separator too many: every field slips one to the right. */
export const columnsShifted = defineCorruption({
  name: 'columns-shifted',
  summary: 'Cells move one column to the right, as text where they do not fit.',
  dimension: 'consistency',
  takes: 0,
  params: {},
  accepts: (_, table) => table.columns.length > 2,
  spoil({ draft, table, rows }) {
    const names = table.columns.map(({ column }) => column.name)
    for (const row of rows) {
      const cells = names.map((name) => draft.get(name, row))
      for (const [i, name] of names.entries())
        draft.set(name, row, i === 0 ? null : fitting(cells[i - 1]!, table.columns[i]!.column.storage))
    }
  },
})

/** A number that lands among texts is written out. */
const fitting = (cell: Cell, storage: Storage): Cell =>
  typeof cell === 'number' && storage === 'string' ? String(cell) : cell
