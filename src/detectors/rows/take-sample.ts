import type { RowSample } from '../../data/profile.ts'

/** Some rows of a sample; dictionaries are shared, not copied. */
export const takeSample = (sample: RowSample, rows: ArrayLike<number>): RowSample => ({
  rows: rows.length,
  of: sample.of,
  columns: sample.columns.map(({ column, codes, values }) => ({
    column,
    values,
    codes: Uint32Array.from(rows, (row) => codes[row]!),
  })),
})

/** The rows from `from` to `to` − 1; nothing is copied. */
export const sliceSample = (sample: RowSample, from: number, to: number): RowSample => ({
  rows: to - from,
  of: sample.of,
  columns: sample.columns.map(({ column, codes, values }) => ({
    column,
    values,
    codes: codes.subarray(from, to),
  })),
})
