import { defineCorruption, isNumber } from './corruption.ts'

/** A total that no longer is the sum or the product of its parts. */
export const arithmeticBroken = defineCorruption({
  name: 'arithmetic-broken',
  summary: 'Numbers are off by a few per cent.',
  dimension: 'consistency',
  takes: 1,
  params: {
    share: {
      kind: 'number',
      default: 0.05,
      min: 0.001,
      max: 1,
      about: 'Relative error.',
      search: [0.01, 0.2],
    },
  },
  accepts: ([column]) => isNumber(column!),
  spoil({ draft, columns: [column], rows, settings, draw }) {
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number')
        draft.set(
          column!,
          row,
          value * (1 + settings.share * (draw() < 0.5 ? -1 : 1)) + (value === 0 ? settings.share : 0),
        )
    }
  },
})
