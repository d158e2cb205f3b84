import { defineCorruption } from './corruption.ts'

/** Yesterday’s file delivered as today’s. */
export const replayPrevious = defineCorruption({
  name: 'replay-previous',
  summary: 'Rows of the batch before stand in the place of this one’s.',
  dimension: 'uniqueness',
  takes: 0,
  needsPrevious: true,
  params: {},
  accepts: (_, table) => table.rows > 0,
  spoil({ draft, table, rows, previous }) {
    const replaced = new Set(rows)
    draft.keepRows(
      Uint32Array.from({ length: table.rows }, (_, row) => row).filter((row) => !replaced.has(row)),
    )
    draft.appendRows(
      previous!,
      Uint32Array.from({ length: Math.min(rows.length, previous!.rows) }, (_, row) => row),
    )
  },
})
