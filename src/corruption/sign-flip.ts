import { changeNumbers, defineCorruption, isNumber } from './corruption.ts'

/** Credits booked as debits. */
export const signFlip = defineCorruption({
  name: 'sign-flip',
  summary: 'Numbers change their sign.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isNumber(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => (value === 0 ? 0 : -value)),
})
