import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** A new producer writes in another case. */
export const caseChange = defineCorruption({
  name: 'case-change',
  summary: 'Upper case becomes lower case, and the other way round.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) => changeTexts(spoiling, (text) => swapCase(text)),
})

const swapCase = (text: string): string =>
  text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase()
