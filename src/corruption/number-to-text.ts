import { changeNumbers, defineCorruption, isNumber } from './corruption.ts'

/** A unit or a remark typed into a field of numbers. */
export const numberToText = defineCorruption({
  name: 'number-to-text',
  summary: 'Numbers become text with a unit.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isNumber(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => `${value} units`),
})
