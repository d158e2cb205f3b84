import { defineCorruption } from './corruption.ts'

/** Rows delivered twice: a retried message, a join that fans out. */
export const exactDuplicates = defineCorruption({
  name: 'exact-duplicates',
  summary: 'Rows are repeated, each directly after the original.',
  dimension: 'uniqueness',
  takes: 0,
  params: {},
  accepts: (_, table) => table.rows > 0,
  spoil({ draft, table, rows }) {
    const repeated = new Set(rows)
    const order: number[] = []
    for (let row = 0; row < table.rows; row++) order.push(...(repeated.has(row) ? [row, row] : [row]))
    draft.keepRows(Uint32Array.from(order))
  },
})
