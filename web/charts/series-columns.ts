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
  const known = (of: Float64Array): number[] =>
    [...of.subarray(from, to + 1)].filter((value) => !Number.isNaN(value))
  const all = known(values)
  const low = Math.min(...all, quantile(known(lower), 0.1))
  const high = Math.max(...all, quantile(known(upper), 0.9))
  if (!(high > low))
    return Number.isFinite(low)
      ? [low - (Math.abs(low) || 1) * 0.1, low + (Math.abs(low) || 1) * 0.1]
      : [0, 1]
  return [low, high]
}

function quantile(values: number[], share: number): number {
  if (values.length === 0) return Number.NaN
  return values.sort((a, b) => a - b)[Math.round(share * (values.length - 1))]!
}
