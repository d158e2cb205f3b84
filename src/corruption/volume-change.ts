import { sampleWithoutReplacement } from '../math/random.ts'
import { defineCorruption } from './corruption.ts'

/** A tenth of the usual rows, or ten times as many. */
export const volumeChange = defineCorruption({
  name: 'volume-change',
  summary: 'The number of rows is multiplied, by leaving rows out or repeating them.',
  dimension: 'completeness',
  takes: 0,
  wholeBatch: true,
  params: {
    factor: {
      kind: 'number',
      default: 0.5,
      min: 0.01,
      max: 10,
      about: 'Rows afterwards over rows before.',
      search: [0.1, 2],
    },
  },
  accepts: (_, table) => table.rows > 1,
  spoil({ draft, table, settings, draw }) {
    const rows = Math.max(1, Math.round(table.rows * settings.factor))
    const order = Uint32Array.from({ length: rows }, (_, i) =>
      i < table.rows ? i : Math.floor(draw() * table.rows),
    )
    draft.keepRows(
      settings.factor < 1 ? Uint32Array.from(sampleWithoutReplacement(table.rows, rows, draw)).sort() : order,
    )
  },
})
