import { defineCorruption, isText, isVaried } from './corruption.ts'
import { columnNamed } from './table.ts'

/** A holiday in one country, a closed shop: a tenth of the rows of one category stay away. All rows left are right. */
export const season = defineCorruption({
  name: 'season',
  summary: 'A share of the rows of one category is not there.',
  dimension: null,
  takes: 1,
  wholeBatch: true,
  params: {
    share: { kind: 'number', default: 0.1, min: 0.01, max: 0.5, about: 'Share of the rows of the category.' },
  },
  accepts: ([column], table) =>
    isText(column!) && isVaried(column!) && column!.values.length <= table.rows / 20,
  spoil({ draft, table, columns: [column], settings, draw }) {
    const { codes } = columnNamed(table, column!)!
    const category = codes[Math.floor(draw() * table.rows)]!
    const stays = (row: number): boolean => codes[row] !== category || draw() >= settings.share
    draft.keepRows(Uint32Array.from({ length: table.rows }, (_, row) => row).filter(stays))
  },
})
