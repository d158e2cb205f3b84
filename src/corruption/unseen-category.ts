import { defineCorruption, isText } from './corruption.ts'

/** A value nobody expected. */
export const unseenCategory = defineCorruption({
  name: 'unseen-category',
  summary: 'Values become one that never occurred.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) if (draft.get(column!, row) !== null) draft.set(column!, row, 'UNSEEN')
  },
})
