import { defineCorruption } from './corruption.ts'
import { columnNamed } from './table.ts'

const placeholders = {
  number: [99_999, -1, 0],
  text: ['N/A', 'NONE', ''],
  time: [0, -2_208_988_800_000, 253_402_214_400_000],
} as const

/** A producer that writes something instead of nothing. */
export const implicitNulls = defineCorruption({
  name: 'implicit-nulls',
  summary: 'Values become a placeholder: 99999, -1, 0, N/A, NONE, empty, 1970-01-01.',
  dimension: 'completeness',
  takes: 1,
  params: {
    which: {
      kind: 'integer',
      default: 0,
      min: 0,
      max: 2,
      about: 'Which placeholder of its kind: 99999, -1, 0; N/A, NONE, empty; the epoch, 1900, 9999.',
    },
  },
  accepts: ([column]) => column!.column.storage !== 'boolean',
  spoil({ draft, table, columns: [column], rows, settings }) {
    const { storage } = columnNamed(table, column!)!.column
    const kind = storage === 'number' || storage === 'time' ? storage : 'text'
    for (const row of rows) draft.set(column!, row, placeholders[kind][settings.which]!)
  },
})
