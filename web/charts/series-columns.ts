import type { Series } from '../../src/api/schemas.ts'

/** A metric over time as columns; NaN where unknown. One-sided limits stay unknown on the open side. */
export interface SeriesColumns {
  readonly values: Float64Array
  readonly centers: Float64Array
  readonly lower: Float64Array
  readonly upper: Float64Array
  /** Places whose value is beyond a limit, rising. */
  readonly violations: readonly number[]
}

/** Aligns a series with the batches of its dataset: a metric may be missing on some of them. */
export function seriesColumns(
  { points }: Pick<Series, 'points'>,
  count: number,
  placeOf: (batch: string, index: number) => number | undefined,
): SeriesColumns {
  const empty = () => new Float64Array(count).fill(Number.NaN)
  const columns = { values: empty(), centers: empty(), lower: empty(), upper: empty() }
  const violations: number[] = []
  points.forEach((point, i) => {
    const place = placeOf(point.batch, i)
    if (place === undefined) return
    columns.values[place] = point.value ?? Number.NaN
    columns.centers[place] = point.centerLine ?? Number.NaN
    columns.lower[place] = point.lowerLimit ?? Number.NaN
    columns.upper[place] = point.upperLimit ?? Number.NaN
    if (isBeyond(point)) violations.push(place)
  })
  return { ...columns, violations: violations.sort((a, b) => a - b) }
}

export const isBeyond = ({ value, lowerLimit, upperLimit }: Series['points'][number]): boolean =>
  value !== null &&
  ((lowerLimit !== null && value < lowerLimit) || (upperLimit !== null && value > upperLimit))

/**
 * The interval a chart shows: every value, and the limits but for their extremes — the limits of a cold start are so wide
 * that they would flatten all that follows.
 */
export function shownInterval(
  { values, lower, upper }: SeriesColumns,
  from: number,
  to: number,
): readonly [low: number, high: number] {
  const known = (of: Float64Array): Float64Array =>
    of.subarray(from, to + 1).filter((value) => !Number.isNaN(value))
  const shown = [...known(values), ...quantile(known(lower), 0.1), ...quantile(known(upper), 0.9)]
  if (shown.length === 0) return [0, 1]
  const low = shown.reduce((a, b) => Math.min(a, b))
  const high = shown.reduce((a, b) => Math.max(a, b))
  if (high > low) return [low, high]
  const margin = Math.abs(low) * 0.1 || 1
  return [low - margin, high + margin]
}

/** One value, or none of none. */
const quantile = (values: Float64Array, share: number): Float64Array => {
  const place = Math.round(share * (values.length - 1))
  return values.sort().subarray(place, place + 1)
}
