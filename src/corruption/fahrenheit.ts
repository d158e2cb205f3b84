import { defineCorruption, isNumber } from './corruption.ts'

/** Degrees Fahrenheit where Celsius are expected. */
export const fahrenheit = defineCorruption({
  name: 'fahrenheit',
  summary: 'Numbers are converted from Celsius to Fahrenheit.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isNumber(column!),
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, value * 1.8 + 32)
    }
  },
})
