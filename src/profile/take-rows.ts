import type { RowSample, SampleColumn } from '../data/profile.ts'

/**
 * Some rows of a sample, with dictionaries of their values only.
 *
 * @param rows - Row numbers, each below `sample.rows`, in the order wanted.
 */
export const takeRows = (sample: RowSample, rows: ArrayLike<number>): RowSample => ({
  rows: rows.length,
  of: sample.of,
  columns: sample.columns.map((column) => takeColumn(column, rows)),
})

/** The first rows of a sample, with dictionaries of their values only. */
export const takeHead = (sample: RowSample, rows: number): RowSample =>
  takeRows(
    sample,
    Uint32Array.from({ length: Math.min(rows, sample.rows) }, (_, row) => row),
  )

function takeColumn({ column, codes, values }: SampleColumn, rows: ArrayLike<number>): SampleColumn {
  const renumbered = new Uint32Array(values.length + 1)
  const taken = new Uint32Array(rows.length)
  const kept: (number | string)[] = []
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!
    if (code !== 0 && renumbered[code] === 0) renumbered[code] = kept.push(values[code - 1]!)
    taken[i] = renumbered[code]!
  }
  return { column, codes: taken, values: kept as number[] | string[] }
}
