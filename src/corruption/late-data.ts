import { defineCorruption } from './corruption.ts'

/** Rows of yesterday that arrive today. */
export const lateData = defineCorruption({
  name: 'late-data',
  summary: 'Rows of the batch before are mixed in.',
  dimension: 'integrity',
  takes: 0,
  needsPrevious: true,
  params: {},
  accepts: (_, table) => table.rows > 0,
  spoil({ draft, rows, previous, draw }) {
    draft.appendRows(
      previous!,
      Uint32Array.from(rows, () => Math.floor(draw() * previous!.rows)),
    )
  },
})
