import { defineCorruption } from './corruption.ts'

const NAME = 'added_column'

/** A producer added a field. */
export const columnAdded = defineCorruption({
  name: 'column-added',
  summary: 'A column of a constant appears.',
  dimension: 'completeness',
  takes: 0,
  wholeBatch: true,
  params: {},
  accepts: (_, table) => table.columns.every(({ column }) => column.name !== NAME),
  spoil({ draft }) {
    draft.addColumn({ name: NAME, type: 'VARCHAR', storage: 'string' }, () => 'new')
  },
})
