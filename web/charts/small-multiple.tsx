import { scaleSymlog } from 'd3-scale'
import { area, line } from 'd3-shape'
import { memo, useMemo } from 'react'
import type { Series } from '../../src/api/schemas.ts'
import { batchAxis } from './batch-axis.ts'
import { keepExtremes } from './keep-extremes.ts'
import { diamonds } from './marks.ts'
import { type SeriesColumns, seriesColumns, shownInterval } from './series-columns.ts'

const HEIGHT = 40

/** A metric over its whole history, small: its value, its limits as a band, and what was beyond them. */
export const SmallMultiple = memo(function SmallMultiple({
  series,
  width,
}: {
  readonly series: Series
  readonly width: number
}) {
  const drawn = useMemo(() => draw(series, width), [series, width])
  return (
    <svg className="small-multiple" width={width} height={HEIGHT} aria-hidden="true">
      <path className="band" d={drawn.band} />
      <path className="line" d={drawn.values} />
      <path className="diamond" d={drawn.violations} />
    </svg>
  )
})

function draw(series: Series, width: number) {
  const count = series.points.length
  const columns = seriesColumns(series, count, (_, i) => i)
  const axis = batchAxis({ from: 0, to: Math.max(0, count - 1) }, 2, Math.max(1, width - 4))
  const y = smallScale(columns, count)
  const { values, violations } = columns
  const shown = keepExtremes(values, axis.span, Math.max(1, width))
  return {
    band: bandOf(columns, axis.x, { y, shown }),
    values:
      line<number>(axis.x, (place) => y(values[place]!)).defined((place) => !Number.isNaN(values[place]))(
        shown,
      ) ?? '',
    violations: diamonds(
      violations.map((place) => ({ x: axis.x(place), y: y(values[place]!) })),
      2.8,
    ),
  }
}

function bandOf(
  { lower, upper }: SeriesColumns,
  x: (place: number) => number,
  { y, shown }: { readonly y: (value: number) => number; readonly shown: readonly number[] },
): string {
  const within = (pixels: number): number => Math.min(HEIGHT, Math.max(0, pixels))
  const shape = area<number>(
    x,
    (place) => (Number.isNaN(lower[place]) ? HEIGHT : within(y(lower[place]!))),
    (place) => (Number.isNaN(upper[place]) ? 0 : within(y(upper[place]!))),
  ).defined((place) => !Number.isNaN(lower[place]) || !Number.isNaN(upper[place]))
  return shape(shown) ?? ''
}

/**
 * Linear within the usual limits, logarithmic far out: one broken batch would otherwise flatten all the others into a line.
 */
function smallScale(columns: SeriesColumns, count: number): (value: number) => number {
  const { centers, lower, upper, values } = columns
  const [low, high] = shownInterval(columns, 0, count - 1)
  const middle = medianOf(centers) ?? medianOf(values) ?? 0
  const reach = medianOf(upper.map((limit, i) => Math.max(limit - middle, middle - lower[i]! || 0)))
  const scale = scaleSymlog([low - middle, high - middle], [HEIGHT - 4, 4]).constant(
    Math.max(reach || (high - low) / 2, 1e-9 * (high - low)),
  )
  return (value) => scale(value - middle)
}

function medianOf(values: Float64Array): number | undefined {
  const known = values.filter((value) => !Number.isNaN(value)).sort()
  return known[known.length >> 1]
}
