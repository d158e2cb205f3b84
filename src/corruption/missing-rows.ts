import { defineCorruption } from './corruption.ts'

/** Rows lost on the way; which ones, the selector says. */
export const missingRows = defineCorruption({
  name: 'missing-rows',
  summary: 'Rows are gone: at random, a whole segment, or the tail.',
  dimension: 'completeness',
  takes: 0,
  params: {},
  accepts: (_, table) => table.rows > 1,
  spoil({ draft, table, rows }) {
    const gone = new Set(rows)
    draft.keepRows(Uint32Array.from({ length: table.rows }, (_, row) => row).filter((row) => !gone.has(row)))
  },
})
