import { changeNumbers, defineCorruption, isNumber } from './corruption.ts'

/** Precision lost in a conversion. */
export const rounding = defineCorruption({
  name: 'rounding',
  summary: 'Numbers are rounded to so many significant digits.',
  dimension: 'integrity',
  takes: 1,
  params: {
    digits: {
      kind: 'integer',
      default: 1,
      min: 1,
      max: 6,
      about: 'Significant digits that stay.',
      search: [1, 3],
    },
  },
  accepts: ([column]) => isNumber(column!),
  spoil: (spoiling) =>
    changeNumbers(spoiling, (value) => Number(value.toPrecision(spoiling.settings.digits))),
})
