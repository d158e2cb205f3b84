import { defineCorruption, isNumber, isVaried } from './corruption.ts'
import { spreadOf } from './spread.ts'
import { columnNamed } from './table.ts'

/** A weekend, a holiday: all numbers of a column a little lower. */
export const season = defineCorruption({
  name: 'season',
  summary: 'Numbers move by a small share of their deviation, as they do from day to day.',
  dimension: null,
  takes: 1,
  wholeBatch: true,
  params: {
    share: {
      kind: 'number',
      default: 0.02,
      min: 0.001,
      max: 0.2,
      about: 'Shift over the deviation of the column.',
    },
  },
  accepts: ([column]) => isNumber(column!) && isVaried(column!),
  spoil({ draft, table, columns: [column], settings }) {
    const { deviation } = spreadOf(columnNamed(table, column!)!)
    for (let row = 0; row < table.rows; row++) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, value - settings.share * deviation)
    }
  },
})
