import { defineCorruption, isNumber, isVaried } from './corruption.ts'
import { spreadOf } from './spread.ts'
import { columnNamed } from './table.ts'

/** A sensor or a field at the end of its range. */
export const clamp = defineCorruption({
  name: 'clamp',
  summary: 'Numbers beyond the middle half are set to its ends.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isNumber(column!) && isVaried(column!),
  spoil({ draft, table, columns: [column], rows }) {
    const { low, high } = spreadOf(columnNamed(table, column!)!)
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, Math.min(high, Math.max(low, value)))
    }
  },
})
