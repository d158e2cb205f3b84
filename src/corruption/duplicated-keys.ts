import { defineCorruption } from './corruption.ts'
import { cellAt, columnNamed } from './table.ts'

/** Two things under one number: a sequence reset, two systems merged. */
export const duplicatedKeys = defineCorruption({
  name: 'duplicated-keys',
  summary: 'A key repeats an earlier one; the rest of the row stays.',
  dimension: 'uniqueness',
  takes: 1,
  params: {},
  accepts: ([column], table) => column!.values.length >= 0.95 * table.rows && table.rows > 1,
  spoil({ draft, table, columns: [column], rows, draw }) {
    for (const row of rows) {
      const other = Math.floor(draw() * table.rows)
      draft.set(
        column!,
        row,
        cellAt(columnNamed(table, column!)!, other === row ? (row + 1) % table.rows : other),
      )
    }
  },
})
