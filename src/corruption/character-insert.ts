import { defineCorruption, isText } from './corruption.ts'

/** A key hit twice, a stray character. */
export const characterInsert = defineCorruption({
  name: 'character-insert',
  summary: 'A character of the value is doubled somewhere.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil({ draft, columns: [column], rows, draw }) {
    for (const row of rows) {
      const text = draft.get(column!, row)
      if (typeof text === 'string') draft.set(column!, row, doubled(text, Math.floor(draw() * text.length)))
    }
  },
})

const doubled = (text: string, at: number): string => text.slice(0, at + 1) + text.slice(at)
