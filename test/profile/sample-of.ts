import { storageOf } from '../../src/data/column.ts'
import type { RowSample, SampleColumn } from '../../src/data/profile.ts'

export type Cell = number | string | null

/** A sample from cells by column, coded as a scan codes them. */
export function sampleOf(columns: Record<string, { type: string; cells: readonly Cell[] }>): RowSample {
  const coded = Object.entries(columns).map(([name, { type, cells }]) => columnOf(name, type, cells))
  const rows = coded[0]?.codes.length ?? 0
  return { rows, of: rows, columns: coded }
}

function columnOf(name: string, type: string, cells: readonly Cell[]): SampleColumn {
  const numbers = new Map<Cell, number>()
  const codes = Uint32Array.from(cells, (cell) => {
    if (cell === null) return 0
    if (!numbers.has(cell)) numbers.set(cell, numbers.size + 1)
    return numbers.get(cell)!
  })
  return { column: { name, type, storage: storageOf(type) }, codes, values: [...numbers.keys()] as number[] }
}
