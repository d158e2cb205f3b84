import { defineCorruption, isVaried } from './corruption.ts'
import { columnNamed } from './table.ts'

/** The same product under another description. */
export const dependencyBroken = defineCorruption({
  name: 'dependency-broken',
  summary: 'What one column determines in another is replaced by another of its values.',
  dimension: 'consistency',
  takes: 2,
  params: {},
  accepts: ([, b]) => isVaried(b!),
  spoil({ draft, table, columns: [, determined], rows, draw }) {
    const { codes, values } = columnNamed(table, determined!)!
    for (const row of rows) {
      const step = 1 + Math.floor(draw() * (values.length - 1))
      draft.set(determined!, row, values[(codes[row]! - 1 + step + values.length) % values.length]!)
    }
  },
})
