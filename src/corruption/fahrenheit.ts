import { changeNumbers, defineCorruption, isNumber } from './corruption.ts'

/** Degrees Fahrenheit where Celsius are expected. */
export const fahrenheit = defineCorruption({
  name: 'fahrenheit',
  summary: 'Numbers are converted from Celsius to Fahrenheit.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isNumber(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => value * 1.8 + 32),
})
