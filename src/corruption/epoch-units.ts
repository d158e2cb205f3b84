import { changeNumbers, defineCorruption, isTime } from './corruption.ts'

/** Seconds taken for milliseconds: all dates fall into January 1970. */
export const epochUnits = defineCorruption({
  name: 'epoch-units',
  summary: 'Times are a thousand times too small.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isTime(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => Math.round(value / 1000)),
})
