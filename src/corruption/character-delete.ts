import { defineCorruption, isText } from './corruption.ts'

/** A key missed. */
export const characterDelete = defineCorruption({
  name: 'character-delete',
  summary: 'One character is left out.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil({ draft, columns: [column], rows, draw }) {
    for (const row of rows) {
      const text = draft.get(column!, row)
      if (typeof text === 'string') draft.set(column!, row, without(text, Math.floor(draw() * text.length)))
    }
  },
})

const without = (text: string, at: number): string => text.slice(0, at) + text.slice(at + 1)
