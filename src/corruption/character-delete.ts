import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** A key missed. */
export const characterDelete = defineCorruption({
  name: 'character-delete',
  summary: 'One character is left out.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) =>
    changeTexts(spoiling, (text) => without(text, Math.floor(spoiling.draw() * text.length))),
})

const without = (text: string, at: number): string => text.slice(0, at) + text.slice(at + 1)
