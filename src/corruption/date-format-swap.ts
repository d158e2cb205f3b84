import { changeNumbers, defineCorruption, isTime } from './corruption.ts'

/** Month and day exchanged by a locale: 2024-03-05 becomes 05/03/2024. */
export const dateFormatSwap = defineCorruption({
  name: 'date-format-swap',
  summary: 'Dates are written day first, as text.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isTime(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => dayFirst(value)),
})

function dayFirst(ms: number): string {
  const [year, month, day] = new Date(ms).toISOString().slice(0, 10).split('-')
  return `${day}/${month}/${year}`
}
