import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** UTF-8 read as Latin-1 (mojibake); a plain ASCII text loses a letter to a replacement character. */
export const brokenEncoding = defineCorruption({
  name: 'broken-encoding',
  summary: 'The text is read in the wrong encoding.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) => changeTexts(spoiling, (text) => misread(text, spoiling.draw)),
})

const ASCII = /^[\u0020-\u007e]*$/

function misread(text: string, draw: () => number): string {
  if (!ASCII.test(text))
    return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('')
  const at = Math.floor(draw() * text.length)
  return text.length === 0 ? text : `${text.slice(0, at)}\ufffd${text.slice(at + 1)}`
}
