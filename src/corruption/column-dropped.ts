import { defineCorruption } from './corruption.ts'

/** A producer removed a field. */
export const columnDropped = defineCorruption({
  name: 'column-dropped',
  summary: 'The column is gone.',
  dimension: 'completeness',
  takes: 1,
  wholeBatch: true,
  params: {},
  accepts: (_, table) => table.columns.length > 1,
  spoil({ draft, columns: [column] }) {
    draft.dropColumn(column!)
  },
})
