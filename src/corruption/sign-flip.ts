import { defineCorruption, isNumber } from './corruption.ts'

/** Credits booked as debits. */
export const signFlip = defineCorruption({
  name: 'sign-flip',
  summary: 'Numbers change their sign.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isNumber(column!),
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, value === 0 ? 0 : -value)
    }
  },
})
