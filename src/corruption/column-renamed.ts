import { defineCorruption } from './corruption.ts'

/** A field under a new name. */
export const columnRenamed = defineCorruption({
  name: 'column-renamed',
  summary: 'The column has another name.',
  dimension: 'completeness',
  takes: 1,
  wholeBatch: true,
  params: {},
  accepts: ([column], table) =>
    table.columns.every((other) => other.column.name !== `${column!.column.name}_v2`),
  spoil({ draft, columns: [column] }) {
    draft.renameColumn(column!, `${column!}_v2`)
  },
})
