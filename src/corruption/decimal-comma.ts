import { changeNumbers, defineCorruption, isNumber } from './corruption.ts'

/** An export in another locale: 1234.5 becomes the text 1 234,50 €. */
export const decimalComma = defineCorruption({
  name: 'decimal-comma',
  summary: 'Numbers are written with thousands, a decimal comma and a currency.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isNumber(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => priced(value)),
})

const priced = (value: number): string =>
  `${value
    .toFixed(2)
    .replace('.', ',')
    .replaceAll(/\B(?=(\d{3})+(?!\d))/g, ' ')} €`
