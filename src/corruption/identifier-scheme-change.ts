import { defineCorruption, isText } from './corruption.ts'

/** Identifiers get a prefix, after a migration for instance. */
export const identifierSchemeChange = defineCorruption({
  name: 'identifier-scheme-change',
  summary: 'Identifiers follow a new scheme.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil({ draft, columns: [column], rows }) {
    for (const row of rows) {
      const text = draft.get(column!, row)
      if (typeof text === 'string') draft.set(column!, row, `v2-${text.toLowerCase()}`)
    }
  },
})
