import type { SampleColumn } from '../data/profile.ts'
import { ascending, countingUp, orderOfNumbers } from '../math/rank.ts'

const remembered = new WeakMap<SampleColumn, Uint32Array>()

/** Positions in the dictionary of a numeric column by ascending value; sorted once, however often they are asked for. */
function positionsByValue(column: SampleColumn): Uint32Array {
  let order = remembered.get(column)
  if (!order) {
    order = orderOfNumbers(column.values as readonly number[], countingUp(column.values.length))
    remembered.set(column, order)
  }
  return order
}

/**
 * Average ranks, from 1, by code: ties share the mean of theirs.
 *
 * @param counts - Rows per code; 0 stands for null. Shape [values + 1].
 */
export function ranksByCode(column: SampleColumn, counts: Uint32Array): Float64Array {
  const order = positionsByValue(column)
  const values = column.values as readonly number[]
  const ranks = new Float64Array(counts.length)
  let below = 0
  for (let start = 0, end = 0; start < order.length; start = end) {
    let rows = 0
    while (end < order.length && ascending(values[order[start]!]!, values[order[end]!]!) === 0)
      rows += counts[order[end++]! + 1]!
    const rank = below + (rows + 1) / 2
    for (let i = start; i < end; i++) ranks[order[i]! + 1] = rank
    below += rows
  }
  return ranks
}

/** Centred ranks by code, and the sum of their squares over the rows. */
interface Ranks {
  readonly ranks: Float64Array
  readonly squares: number
}

/** Ranks from their mean, which is known: that of 1 … rows. */
function ranksOf(column: SampleColumn, counts: Uint32Array, rows: number): Ranks {
  const ranks = ranksByCode(column, counts)
  let squares = 0
  for (let code = 1; code < ranks.length; code++) {
    const rank = ranks[code]! - (rows + 1) / 2
    ranks[code] = rank
    squares += counts[code]! * rank ** 2
  }
  return { ranks, squares }
}

const complete = new WeakMap<SampleColumn, Ranks | null>()

/** The ranks of a column over all its rows, found once however many it is correlated with; null when it has nulls. */
function ranksOfComplete(column: SampleColumn): Ranks | null {
  const known = complete.get(column)
  if (known !== undefined) return known
  const counts = new Uint32Array(column.values.length + 1)
  for (let row = 0; row < column.codes.length; row++) counts[column.codes[row]!]!++
  const ranks = counts[0] === 0 ? ranksOf(column, counts, column.codes.length) : null
  complete.set(column, ranks)
  return ranks
}

/**
 * Spearman's rank correlation of two numeric columns on the rows where both have a value, without sorting rows.
 *
 * @returns NaN when one is constant there; `rows` is their number.
 */
export function rankCorrelation(
  a: SampleColumn,
  b: SampleColumn,
): { readonly correlation: number; readonly rows: number } {
  const [completeA, completeB] = [ranksOfComplete(a), ranksOfComplete(b)]
  if (completeA && completeB)
    return { correlation: correlate(a, b, { a: completeA, b: completeB }), rows: a.codes.length }
  const countsA = new Uint32Array(a.values.length + 1)
  const countsB = new Uint32Array(b.values.length + 1)
  let rows = 0
  for (let row = 0; row < a.codes.length; row++) {
    const [codeA, codeB] = [a.codes[row]!, b.codes[row]!]
    if (codeA === 0 || codeB === 0) continue
    countsA[codeA]!++
    countsB[codeB]!++
    rows++
  }
  const ranks = { a: ranksOf(a, countsA, rows), b: ranksOf(b, countsB, rows) }
  return { correlation: correlate(a, b, ranks), rows }
}

/** Pearson's correlation of ranks, over the rows where both have a value. */
function correlate(
  a: SampleColumn,
  b: SampleColumn,
  ranks: { readonly a: Ranks; readonly b: Ranks },
): number {
  let product = 0
  for (let row = 0; row < a.codes.length; row++) {
    const [codeA, codeB] = [a.codes[row]!, b.codes[row]!]
    if (codeA !== 0 && codeB !== 0) product += ranks.a.ranks[codeA]! * ranks.b.ranks[codeB]!
  }
  const squares = ranks.a.squares * ranks.b.squares
  return squares > 0 ? Math.min(1, Math.max(-1, product / Math.sqrt(squares))) : Number.NaN
}
