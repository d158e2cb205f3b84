import { changeNumbers, defineCorruption } from './corruption.ts'

/** Another producer, another way to say yes. */
export const booleanSpelling = defineCorruption({
  name: 'boolean-spelling',
  summary: 'True and false are spelt yes and no.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => column!.column.storage === 'boolean',
  spoil: (spoiling) => changeNumbers(spoiling, (value) => (value === 1 ? 'yes' : 'no')),
})
