import { defineCorruption, isNumber } from './corruption.ts'

/** Prices rise by half a per cent. */
export const trend = defineCorruption({
  name: 'trend',
  summary: 'Numbers grow by a small factor.',
  dimension: null,
  takes: 1,
  wholeBatch: true,
  params: {
    factor: {
      kind: 'number',
      default: 1.005,
      min: 1.0001,
      max: 1.05,
      about: 'What numbers are multiplied by.',
    },
  },
  accepts: ([column]) => isNumber(column!),
  spoil({ draft, table, columns: [column], settings }) {
    for (let row = 0; row < table.rows; row++) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, value * settings.factor)
    }
  },
})
