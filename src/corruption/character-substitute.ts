import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** A character turned into another by a bad scan or a bad keyboard. */
export const characterSubstitute = defineCorruption({
  name: 'character-substitute',
  summary: 'One character becomes another letter.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) => changeTexts(spoiling, (text) => substituted(text, spoiling.draw)),
})

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

function substituted(text: string, draw: () => number): string {
  if (text.length === 0) return text
  const at = Math.floor(draw() * text.length)
  const others = [...LETTERS].filter((letter) => letter !== text[at]!.toLowerCase())
  return text.slice(0, at) + others[Math.floor(draw() * others.length)]! + text.slice(at + 1)
}
