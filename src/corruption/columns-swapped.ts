import { defineCorruption } from './corruption.ts'

/** Two fields filled the wrong way round. */
export const columnsSwapped = defineCorruption({
  name: 'columns-swapped',
  summary: 'Two columns of one kind exchange their values.',
  dimension: 'consistency',
  takes: 2,
  params: {},
  accepts: ([a, b]) => a!.column.storage === b!.column.storage && a!.column.name !== b!.column.name,
  spoil({ draft, columns: [a, b], rows }) {
    for (const row of rows) {
      const [first, second] = [draft.get(a!, row), draft.get(b!, row)]
      draft.set(a!, row, second)
      draft.set(b!, row, first)
    }
  },
})
