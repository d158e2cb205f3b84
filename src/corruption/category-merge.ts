import { defineCorruption, isText, isVaried } from './corruption.ts'
import { columnNamed } from './table.ts'

/** A finer category booked under a coarser one. */
export const categoryMerge = defineCorruption({
  name: 'category-merge',
  summary: 'Values become the most frequent other category.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!) && isVaried(column!) && column!.values.length <= 1000,
  spoil({ draft, table, columns: [column], rows }) {
    const { codes, values } = columnNamed(table, column!)!
    const counts = new Uint32Array(values.length + 1)
    for (const code of codes) counts[code]!++
    const order = values.map((_, i) => i + 1).sort((a, b) => counts[b]! - counts[a]!)
    for (const row of rows)
      if (codes[row]! > 0)
        draft.set(column!, row, values[(codes[row] === order[0] ? order[1]! : order[0]!) - 1]!)
  },
})
