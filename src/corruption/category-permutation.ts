import { defineCorruption, isText, isVaried } from './corruption.ts'
import { columnNamed } from './table.ts'

/** Codes mapped to the wrong labels. */
export const categoryPermutation = defineCorruption({
  name: 'category-permutation',
  summary: 'Categories change places: each becomes the next.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!) && isVaried(column!) && column!.values.length <= 1000,
  spoil({ draft, table, columns: [column], rows }) {
    const { codes, values } = columnNamed(table, column!)!
    for (const row of rows) if (codes[row]! > 0) draft.set(column!, row, values[codes[row]! % values.length]!)
  },
})
