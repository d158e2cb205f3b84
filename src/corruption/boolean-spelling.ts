import { defineCorruption } from './corruption.ts'

/** Another producer, another way to say yes. */
export const booleanSpelling = defineCorruption({
  name: 'boolean-spelling',
  summary: 'True and false are spelt yes and no.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => column!.column.storage === 'boolean',
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, value === 1 ? 'yes' : 'no')
    }
  },
})
