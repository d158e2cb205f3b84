import { defineCorruption } from './corruption.ts'

/** A load that ran twice. */
export const doubleLoad = defineCorruption({
  name: 'double-load',
  summary: 'The whole batch is there twice.',
  dimension: 'uniqueness',
  takes: 0,
  wholeBatch: true,
  params: {},
  accepts: (_, table) => table.rows > 0,
  spoil({ draft, table }) {
    draft.keepRows(Uint32Array.from({ length: 2 * table.rows }, (_, i) => i % table.rows))
  },
})
