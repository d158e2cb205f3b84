import type { SampleColumn } from '../data/profile.ts'
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
    decimals: {
      kind: 'choice',
      default: 'all',
      choices: ['all', 'column'],
      about: 'As many decimals as a number can have, or as many as the column has.',
    },
  },
  accepts: ([column]) => isNumber(column!) && isVaried(column!),
  spoil({ draft, table, columns: [column], rows, settings, draw }) {
    const original = columnNamed(table, column!)!
    const { mean, deviation } = spreadOf(original)
    const factor = settings.least + draw() * (settings.most - settings.least)
    const unit = settings.decimals === 'column' ? 10 ** decimalsOf(original) : null
    for (const row of rows) {
      if (draft.get(column!, row) === null) continue
      const value = mean + deviation * factor * randomNormal(draw)
      draft.set(column!, row, unit === null ? value : Math.round(value * unit) / unit)
    }
  },
})

/** Most decimals that a number of the column is written with; 6 at most. */
function decimalsOf({ values }: SampleColumn): number {
  let most = 0
  for (const value of values) {
    const text = String(value)
    const point = text.indexOf('.')
    if (point >= 0 && !text.includes('e')) most = Math.max(most, text.length - point - 1)
  }
  return Math.min(6, most)
}
