import { defineCorruption, isNumber } from './corruption.ts'

/** A unit or a remark typed into a field of numbers. */
export const numberToText = defineCorruption({
  name: 'number-to-text',
  summary: 'Numbers become text with a unit.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isNumber(column!),
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, `${value} units`)
    }
  },
})
