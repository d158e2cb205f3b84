import { shuffled } from '../math/random.ts'
import { defineCorruption } from './corruption.ts'

/** Another engine, another order. */
export const rowsReordered = defineCorruption({
  name: 'rows-reordered',
  summary: 'Rows come in another order.',
  dimension: null,
  takes: 0,
  wholeBatch: true,
  params: {},
  accepts: (_, table) => table.rows > 1,
  spoil({ draft, table, draw }) {
    draft.keepRows(
      Uint32Array.from(
        shuffled(
          Array.from({ length: table.rows }, (_, row) => row),
          draw,
        ),
      ),
    )
  },
})
