import { defineCorruption, isNumber } from './corruption.ts'

/** Precision lost in a conversion. */
export const rounding = defineCorruption({
  name: 'rounding',
  summary: 'Numbers are rounded to so many significant digits.',
  dimension: 'integrity',
  takes: 1,
  params: {
    digits: {
      kind: 'integer',
      default: 1,
      min: 1,
      max: 6,
      about: 'Significant digits that stay.',
      search: [1, 3],
    },
  },
  accepts: ([column]) => isNumber(column!),
  spoil({ draft, columns: [column], rows, settings }) {
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, Number(value.toPrecision(settings.digits)))
    }
  },
})
