import { randomNormal } from '../math/random.ts'
import { defineCorruption, isNumber, isVaried } from './corruption.ts'
import { spreadOf } from './spread.ts'
import { columnNamed } from './table.ts'

/** The anomaly of Redyuk et al. (2021), EDBT, Automating data quality validation for dynamic data ingestion: values around the mean with two to five times the deviation. */
export const gaussianAnomaly = defineCorruption({
  name: 'gaussian-anomaly',
  summary: 'Numbers are drawn anew around the mean, with a multiple of the standard deviation.',
  dimension: 'integrity',
  takes: 1,
  params: {
    least: { kind: 'number', default: 2, min: 0.1, max: 20, about: 'Smallest multiple of the deviation.' },
    most: { kind: 'number', default: 5, min: 0.1, max: 20, about: 'Largest multiple of the deviation.' },
  },
  accepts: ([column]) => isNumber(column!) && isVaried(column!),
  spoil({ draft, table, columns: [column], rows, settings, draw }) {
    const { mean, deviation } = spreadOf(columnNamed(table, column!)!)
    const factor = settings.least + draw() * (settings.most - settings.least)
    for (const row of rows)
      if (draft.get(column!, row) !== null)
        draft.set(column!, row, mean + deviation * factor * randomNormal(draw))
  },
})
