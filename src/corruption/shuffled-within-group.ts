import { shuffled } from '../math/random.ts'
import { defineCorruption, isVaried } from './corruption.ts'
import { columnNamed } from './table.ts'

/** Values exchanged among rows of one customer, one shop, one day. */
export const shuffledWithinGroup = defineCorruption({
  name: 'shuffled-within-group',
  summary: 'One column is shuffled within the groups of another.',
  dimension: 'consistency',
  takes: 2,
  params: {},
  accepts: ([a, b], table) => isVaried(a!) && isVaried(b!) && b!.values.length <= table.rows / 2,
  spoil({ draft, table, columns: [column, by], rows, draw }) {
    for (const group of groupsOf(rows, columnNamed(table, by!)!.codes)) {
      const cells = shuffled(group, draw).map((row) => draft.get(column!, row))
      for (const [i, row] of group.entries()) draft.set(column!, row, cells[i]!)
    }
  },
})

function groupsOf(rows: Uint32Array, codes: Uint32Array): readonly number[][] {
  const groups = new Map<number, number[]>()
  for (const row of rows) {
    const group = groups.get(codes[row]!)
    if (group) group.push(row)
    else groups.set(codes[row]!, [row])
  }
  return [...groups.values()]
}
