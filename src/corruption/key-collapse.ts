import { defineCorruption } from './corruption.ts'

/** Keys cut short until they are no longer unique. */
export const keyCollapse = defineCorruption({
  name: 'key-collapse',
  summary: 'Keys lose what told them apart.',
  dimension: 'uniqueness',
  takes: 1,
  params: {},
  accepts: ([column], table) => column!.values.length >= 0.95 * table.rows && table.rows > 10,
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) {
      const key = draft.get(column!, row)
      if (typeof key === 'number') draft.set(column!, row, Math.floor(key / 100) * 100)
      if (typeof key === 'string') draft.set(column!, row, key.slice(0, Math.max(1, key.length - 2)))
    }
  },
})
