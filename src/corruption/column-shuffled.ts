import { shuffled } from '../math/random.ts'
import { defineCorruption, isVaried } from './corruption.ts'

/** A wrong join: every value is right, none belongs to its row. */
export const columnShuffled = defineCorruption({
  name: 'column-shuffled',
  summary: 'One column is shuffled among the chosen rows; its distribution stays.',
  dimension: 'consistency',
  takes: 1,
  params: {},
  accepts: ([column]) => isVaried(column!),
  spoil({ draft, columns: [column], rows, draw }) {
    const cells = shuffled([...rows], draw).map((row) => draft.get(column!, row))
    for (const [i, row] of rows.entries()) draft.set(column!, row, cells[i]!)
  },
})
