import { defineCorruption } from './corruption.ts'

/** A field that a producer stopped filling. */
export const columnEmptied = defineCorruption({
  name: 'column-emptied',
  summary: 'The whole column becomes null.',
  dimension: 'completeness',
  takes: 1,
  wholeBatch: true,
  params: {},
  accepts: ([column]) => column!.values.length > 0,
  spoil({ draft, table, columns: [column] }) {
    for (let row = 0; row < table.rows; row++) draft.set(column!, row, null)
  },
})
