import { defineCorruption, isTime } from './corruption.ts'

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
  spoil({ draft, columns: [column], rows, settings }) {
    for (const row of rows) {
      const value = draft.get(column!, row)
      if (typeof value === 'number') draft.set(column!, row, value + settings.hours * 3_600_000)
    }
  },
})
