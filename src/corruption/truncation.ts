import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** A field of a database or a form that became too short. */
export const truncation = defineCorruption({
  name: 'truncation',
  summary: 'The text is cut off.',
  dimension: 'conformity',
  takes: 1,
  params: {
    keep: {
      kind: 'number',
      default: 0.5,
      min: 0,
      max: 0.95,
      about: 'Share of the characters that stay.',
      search: [0.2, 0.9],
    },
  },
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) =>
    changeTexts(spoiling, (text) => text.slice(0, Math.floor(text.length * spoiling.settings.keep))),
})
