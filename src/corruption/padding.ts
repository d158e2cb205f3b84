import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** Before or after: spaces, a no-break space, a zero-width space, a tab. */
const pads: readonly ((text: string) => string)[] = [
  (text) => ` ${text}`,
  (text) => `${text}  `,
  (text) => `\u00a0${text}`,
  (text) => `${text}\u200b`,
  (text) => `${text}\t`,
]

/** Fixed-width exports, copied cells: spaces and characters nobody sees. */
export const padding = defineCorruption({
  name: 'padding',
  summary: 'Blanks or invisible characters are added around the value.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) =>
    changeTexts(spoiling, (text) => pads[Math.floor(spoiling.draw() * pads.length)]!(text)),
})
