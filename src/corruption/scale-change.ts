import { changeNumbers, defineCorruption, isNumber } from './corruption.ts'

/** Cents for euros, grams for kilograms. */
export const scaleChange = defineCorruption({
  name: 'scale-change',
  summary: 'Numbers are multiplied.',
  dimension: 'integrity',
  takes: 1,
  params: {
    factor: {
      kind: 'choice',
      default: '10',
      choices: ['0.001', '0.01', '0.1', '10', '100', '1000'],
      about: 'What numbers are multiplied by.',
    },
  },
  accepts: ([column]) => isNumber(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => value * Number(spoiling.settings.factor)),
})
