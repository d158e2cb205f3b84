import { changeTexts, defineCorruption, isText } from './corruption.ts'

const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'] as const

/** Letters hit beside the intended key, as people do. */
export const qwertyTypo = defineCorruption({
  name: 'qwerty-typo',
  summary: 'Letters are replaced by a neighbour on the QWERTY keyboard.',
  dimension: 'conformity',
  takes: 1,
  params: {
    share: {
      kind: 'number',
      default: 0.1,
      min: 0.001,
      max: 1,
      about: 'Share of the letters of a value that are mistyped; at least one.',
      search: [0.02, 0.3],
    },
  },
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) =>
    changeTexts(spoiling, (text) => mistyped(text, spoiling.settings.share, spoiling.draw)),
})

function mistyped(text: string, share: number, draw: () => number): string {
  const letters = [...text].flatMap((character, i) =>
    neighboursOf(character.toLowerCase()).length > 0 ? [i] : [],
  )
  if (letters.length === 0) return text
  const wrong = new Set(
    Array.from(
      { length: Math.max(1, Math.round(share * letters.length)) },
      () => letters[Math.floor(draw() * letters.length)]!,
    ),
  )
  return [...text].map((character, i) => (wrong.has(i) ? neighbourOf(character, draw) : character)).join('')
}

function neighbourOf(character: string, draw: () => number): string {
  const near = neighboursOf(character.toLowerCase())
  const chosen = near[Math.floor(draw() * near.length)]!
  return character === character.toLowerCase() ? chosen : chosen.toUpperCase()
}

/** Left, right, above and below; empty for what is no letter. */
function neighboursOf(letter: string): readonly string[] {
  const row = ROWS.findIndex((keys) => keys.includes(letter))
  if (row < 0 || letter.length !== 1) return []
  const place = ROWS[row]!.indexOf(letter)
  return [
    ROWS[row]![place - 1],
    ROWS[row]![place + 1],
    ROWS[row - 1]?.[place],
    ROWS[row + 1]?.[place],
  ].filter((key) => key !== undefined)
}
