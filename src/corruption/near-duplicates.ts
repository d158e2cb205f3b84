import { defineCorruption, isNumber, isText } from './corruption.ts'
import { cellAt, columnOf, type Table } from './table.ts'

/** The same thing entered twice, slightly differently. */
export const nearDuplicates = defineCorruption({
  name: 'near-duplicates',
  summary: 'Rows are repeated with one cell changed.',
  dimension: 'uniqueness',
  takes: 0,
  params: {},
  accepts: (_, table) => table.rows > 1 && table.columns.some((column) => isText(column) || isNumber(column)),
  spoil({ draft, table, rows, draw }) {
    const spoilable = table.columns.filter((column) => isText(column) || isNumber(column))
    const { name } = spoilable[Math.floor(draw() * spoilable.length)]!.column
    draft.appendRows(withChange(table, name), rows)
  },
})

/** The table with the column slightly changed in every row: copies are taken from it. */
function withChange(table: Table, name: string): Table {
  const columns = table.columns.map((column) => {
    if (column.column.name !== name) return column
    const cells = Array.from({ length: table.rows }, (_, row) => slightly(cellAt(column, row)))
    return columnOf(column.column, cells)
  })
  return { rows: table.rows, columns }
}

const slightly = (cell: number | string | null): number | string | null =>
  typeof cell === 'number' ? cell + 1 : typeof cell === 'string' ? `${cell} ` : cell
