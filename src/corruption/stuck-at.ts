import { defineCorruption, isVaried } from './corruption.ts'

/** A sensor or a job that repeats its last value. */
export const stuckAt = defineCorruption({
  name: 'stuck-at',
  summary: 'Values repeat that of the first spoiled row.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isVaried(column!),
  spoil({ draft, columns: [column], rows }) {
    const stuck = rows.find((row) => draft.get(column!, row) !== null)
    if (stuck === undefined) return
    const value = draft.get(column!, stuck)
    for (const row of rows) draft.set(column!, row, value)
  },
})
