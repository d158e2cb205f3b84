import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** A key hit twice, a stray character. */
export const characterInsert = defineCorruption({
  name: 'character-insert',
  summary: 'A character of the value is doubled somewhere.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) =>
    changeTexts(spoiling, (text) => doubled(text, Math.floor(spoiling.draw() * text.length))),
})

const doubled = (text: string, at: number): string => text.slice(0, at + 1) + text.slice(at)
