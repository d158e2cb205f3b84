/** A stretch of batches by place, both ends included. */
export interface Span {
  readonly from: number
  readonly to: number
}

/**
 * Places to draw so that a long line fits in `buckets` columns of pixels and no spike is lost: of each bucket the first,
 * the lowest, the highest and the last.
 *
 * @param values - NaN where nothing is known; the first of a run of them is kept, so that the line breaks there.
 * @returns Places in rising order; all of them when there are no more than four per bucket.
 */
export function keepExtremes(
  values: ArrayLike<number>,
  { from, to }: Span,
  buckets: number,
): readonly number[] {
  const count = to - from + 1
  if (count <= buckets * 4) return Array.from({ length: Math.max(0, count) }, (_, i) => from + i)
  const kept: number[] = []
  for (let bucket = 0; bucket < buckets; bucket++) {
    const first = from + Math.floor((bucket * count) / buckets)
    const last = from + Math.floor(((bucket + 1) * count) / buckets) - 1
    kept.push(...extremesOf(values, { from: first, to: last }))
  }
  return kept
}

function extremesOf(values: ArrayLike<number>, { from, to }: Span): readonly number[] {
  let lowest = from
  let highest = from
  let unknown = -1
  for (let i = from; i <= to; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) unknown = unknown < 0 ? i : unknown
    if (value < values[lowest]! || Number.isNaN(values[lowest]!)) lowest = i
    if (value > values[highest]! || Number.isNaN(values[highest]!)) highest = i
  }
  const places = [from, lowest, highest, to, ...(unknown < 0 ? [] : [unknown])]
  return [...new Set(places)].sort((a, b) => a - b)
}
