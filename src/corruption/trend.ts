import { defineCorruption, isNumber, isVaried } from './corruption.ts'
import { spreadOf } from './spread.ts'
import { cellAt, columnNamed } from './table.ts'

/** Business shifts a little to larger orders: some rows of the lowest quarter stay away. All rows left are right. */
export const trend = defineCorruption({
  name: 'trend',
  summary: 'A share of the rows with the lowest numbers is not there, so the column rises a little.',
  dimension: null,
  takes: 1,
  wholeBatch: true,
  params: {
    share: {
      kind: 'number',
      default: 0.1,
      min: 0.01,
      max: 0.5,
      about: 'Share of the rows of the lowest quarter.',
    },
  },
  accepts: ([column], table) => isNumber(column!) && isVaried(column!) && table.rows > 20,
  spoil({ draft, table, columns: [column], settings, draw }) {
    const numbers = columnNamed(table, column!)!
    const { low } = spreadOf(numbers)
    const stays = (row: number): boolean => {
      const value = cellAt(numbers, row)
      return typeof value !== 'number' || value > low || draw() >= settings.share
    }
    draft.keepRows(Uint32Array.from({ length: table.rows }, (_, row) => row).filter(stays))
  },
})
