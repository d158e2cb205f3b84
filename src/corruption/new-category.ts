import { defineCorruption, isText, isVaried } from './corruption.ts'
import { columnNamed } from './table.ts'

/** A new country, a new product: rare, and well formed. */
export const newCategory = defineCorruption({
  name: 'new-category',
  summary: 'A few rows carry a new value made like the known ones.',
  dimension: null,
  takes: 1,
  wholeBatch: true,
  params: {},
  accepts: ([column]) => isText(column!) && isVaried(column!) && column!.values.length <= 1000,
  spoil({ draft, table, columns: [column], rows }) {
    const known = columnNamed(table, column!)!.values as readonly string[]
    const fresh = likeThese(known)
    for (const row of rows.slice(0, Math.max(1, Math.floor(table.rows * 0.005))))
      draft.set(column!, row, fresh)
  },
})

/** The head of one known value with the tail of another of the same length: as long as they are, and written like them. */
function likeThese(known: readonly string[]): string {
  const values = new Set(known)
  for (const head of known) {
    const middle = Math.ceil(head.length / 2)
    for (const tail of known) {
      const made = head.slice(0, middle) + tail.slice(middle)
      if (tail.length === head.length && !values.has(made)) return made
    }
  }
  return `${known[0]!}${known[0]!.slice(-1)}`
}
