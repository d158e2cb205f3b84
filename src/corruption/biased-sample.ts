import { defineCorruption, isVaried } from './corruption.ts'
import { columnNamed } from './table.ts'

/** Only part of the population arrives. */
export const biasedSample = defineCorruption({
  name: 'biased-sample',
  summary: 'Rows whose value is among the largest half are kept, the chosen ones of the others are gone.',
  dimension: 'integrity',
  takes: 1,
  params: {},
  accepts: ([column]) => isVaried(column!),
  spoil({ draft, table, columns: [column], rows }) {
    const { codes, values } = columnNamed(table, column!)!
    const sorted = [...values].sort((a, b) => (a < b ? -1 : 1))
    const middle = sorted[sorted.length >> 1]!
    const gone = new Set(rows.filter((row) => codes[row] === 0 || values[codes[row]! - 1]! < middle))
    draft.keepRows(Uint32Array.from({ length: table.rows }, (_, row) => row).filter((row) => !gone.has(row)))
  },
})
