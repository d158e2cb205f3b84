import { changeNumbers, defineCorruption, isTime } from './corruption.ts'

/** A clock that is wrong by days. */
export const timestampShift = defineCorruption({
  name: 'timestamp-shift',
  summary: 'Times are shifted by days.',
  dimension: 'integrity',
  takes: 1,
  params: {
    days: { kind: 'integer', default: 1, min: -3650, max: 3650, about: 'Days added.', search: [-365, 365] },
  },
  accepts: ([column]) => isTime(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => value + spoiling.settings.days * 86_400_000),
})
