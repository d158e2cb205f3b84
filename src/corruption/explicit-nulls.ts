import { defineCorruption } from './corruption.ts'

/** Values lost on the way: a failed join, an optional field that a producer stopped sending. */
export const explicitNulls = defineCorruption({
  name: 'explicit-nulls',
  summary: 'Values become null.',
  dimension: 'completeness',
  takes: 1,
  params: {},
  accepts: () => true,
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) draft.set(column!, row, null)
  },
})
