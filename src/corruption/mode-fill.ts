import type { SampleColumn } from '../data/profile.ts'
import { defineCorruption, isVaried } from './corruption.ts'
import { columnNamed } from './table.ts'

/** Gaps filled by somebody with the usual value. */
export const modeFill = defineCorruption({
  name: 'mode-fill',
  summary: 'Values become the median, or the most frequent text.',
  dimension: 'completeness',
  takes: 1,
  params: {},
  accepts: ([column]) => isVaried(column!),
  spoil({ draft, table, columns: [column], rows }) {
    const usual = usualValue(columnNamed(table, column!)!)
    for (const row of rows) draft.set(column!, row, usual)
  },
})

function usualValue({ codes, values }: SampleColumn): number | string {
  const filled = codes.filter((code) => code > 0)
  if (typeof values[0] === 'number') {
    const sorted = Float64Array.from(filled, (code) => values[code - 1] as number).sort()
    return sorted[sorted.length >> 1]!
  }
  const counts = new Uint32Array(values.length + 1)
  for (const code of filled) counts[code]!++
  return values[counts.indexOf(Math.max(...counts.subarray(1))) - 1]!
}
