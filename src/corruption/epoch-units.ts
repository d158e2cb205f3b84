import { defineCorruption, isTime } from './corruption.ts'

/** Seconds taken for milliseconds: all dates fall into January 1970. */
export const epochUnits = defineCorruption({
  name: 'epoch-units',
  summary: 'Times are a thousand times too small.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isTime(column!),
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, Math.round(value / 1000))
    }
  },
})
