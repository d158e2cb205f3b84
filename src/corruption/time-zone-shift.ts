import { changeNumbers, defineCorruption, isTime } from './corruption.ts'

/** Local times taken for UTC, or the other way round. */
export const timeZoneShift = defineCorruption({
  name: 'time-zone-shift',
  summary: 'Times are shifted by whole hours.',
  dimension: 'conformity',
  takes: 1,
  params: {
    hours: { kind: 'integer', default: 5, min: -14, max: 14, about: 'Hours added.', search: [-12, 12] },
  },
  accepts: ([column]) => isTime(column!),
  spoil: (spoiling) => changeNumbers(spoiling, (value) => value + spoiling.settings.hours * 3_600_000),
})
