import { randomNormal } from '../math/random.ts'
import { defineCorruption, isNumber, isVaried } from './corruption.ts'
import { spreadOf } from './spread.ts'
import { columnNamed } from './table.ts'

/** A worn sensor. */
export const whiteNoise = defineCorruption({
  name: 'white-noise',
  summary: 'Noise is added to numbers.',
  dimension: 'integrity',
  takes: 1,
  params: {
    share: {
      kind: 'number',
      default: 0.5,
      min: 0.01,
      max: 10,
      about: 'Deviation of the noise over that of the column.',
      search: [0.1, 2],
    },
  },
  accepts: ([column]) => isNumber(column!) && isVaried(column!),
  spoil({ draft, table, columns: [column], rows, settings, draw }) {
    const { deviation } = spreadOf(columnNamed(table, column!)!)
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number')
        draft.set(column!, row, value + settings.share * deviation * randomNormal(draw))
    }
  },
})
