import { defineCorruption, isNumber, isVaried } from './corruption.ts'
import { spreadOf } from './spread.ts'
import { columnNamed } from './table.ts'

/** A calibration that wears off: little at first. */
export const slowDrift = defineCorruption({
  name: 'slow-drift',
  summary: 'Numbers drift upwards along the batch, up to a share of the deviation at its end.',
  dimension: 'integrity',
  takes: 1,
  params: {
    share: {
      kind: 'number',
      default: 1,
      min: 0.01,
      max: 10,
      about: 'Shift at the last spoiled row over the deviation of the column.',
      search: [0.1, 3],
    },
  },
  accepts: ([column]) => isNumber(column!) && isVaried(column!),
  spoil({ draft, table, columns: [column], rows, settings }) {
    const { deviation } = spreadOf(columnNamed(table, column!)!)
    for (const [place, row] of rows.entries()) {
      const value = draft.get(column!, row)
      if (typeof value === 'number')
        draft.set(column!, row, value + (settings.share * deviation * (place + 1)) / rows.length)
    }
  },
})
