import type { RowSample, SampleColumn } from '../data/profile.ts'
import { countingUp } from '../math/rank.ts'
import { numbersAt, textsAt } from './values-at.ts'

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
  takeRows(sample, countingUp(Math.min(rows, sample.rows)))

function takeColumn({ column, codes, values }: SampleColumn, rows: ArrayLike<number>): SampleColumn {
  const taken = new Uint32Array(rows.length)
  const kept = renumber({ codes, rows, size: values.length }, taken)
  return {
    column,
    codes: taken,
    values:
      typeof values[0] === 'string'
        ? textsAt(values as readonly string[], kept)
        : numbersAt(values as readonly number[], kept),
  }
}

/** Writes the codes of the rows, numbered anew as they come; positions of the values that occurred, in their new order. */
function renumber(
  {
    codes,
    rows,
    size,
  }: { readonly codes: Uint32Array; readonly rows: ArrayLike<number>; readonly size: number },
  taken: Uint32Array,
): Uint32Array {
  const renumbered = new Uint32Array(size + 1)
  const kept = new Uint32Array(Math.min(size, rows.length))
  let last = 0
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!
    if (code !== 0 && renumbered[code] === 0) {
      kept[last++] = code - 1
      renumbered[code] = last
    }
    taken[i] = renumbered[code]!
  }
  return kept.subarray(0, last)
}
