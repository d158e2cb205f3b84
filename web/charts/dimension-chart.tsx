import { scaleSqrt } from 'd3-scale'
import { area, curveStep, line } from 'd3-shape'
import { memo, useMemo } from 'react'
import type { BatchAxis } from './batch-axis.ts'
import { keepExtremes } from './keep-extremes.ts'
import { diamonds, dots, type Point, rings, stems, thin } from './marks.ts'
import type { Dimension, Timeline } from './timeline.ts'

const HEIGHT = 68
const TOP = 9
const BOTTOM = HEIGHT - 4
/** Pixels a batch needs before each gets its own dot. */
const DOT_STEP = 9
/** Pixels within which one mark covers another. */
const COVER = 3

export const dimensionChartHeight = HEIGHT

/** Square roots give room to the ordinary scores near the limit, and still show the tall ones. */
export const scoreScale = (highest: number) => scaleSqrt([0, highest], [BOTTOM, TOP])

interface DimensionChartProps {
  readonly timeline: Timeline
  readonly dimension: Dimension
  readonly axis: BatchAxis
  /** Top of the scale, nats; the same for all dimensions, so that they compare. */
  readonly highest: number
}

/** The still part of one dimension's control chart: scores, the alert limit, and what happened. */
export const DimensionChart = memo(function DimensionChart({
  timeline,
  dimension,
  axis,
  highest,
}: DimensionChartProps) {
  const drawn = useMemo(
    () => draw(timeline, dimension, { axis, highest }),
    [timeline, dimension, axis, highest],
  )
  const right = axis.left + axis.width
  return (
    <>
      {drawn.provisional.map(({ x, width }) => (
        <rect key={x} className="provisional" x={x} y={0} width={width} height={HEIGHT} />
      ))}
      {drawn.grid.map(({ y, text }) => (
        <g key={text} className="grid">
          <line x1={axis.left} x2={right} y1={y} y2={y} />
          <text x={axis.left - 6} y={y + 3.5} textAnchor="end">
            {text}
          </text>
        </g>
      ))}
      <path className="zone" d={drawn.zone} />
      <path className="limit" d={drawn.limit} />
      <path className="note-line" d={drawn.noted} />
      <path className="stem" d={drawn.stems} />
      <path className="line" d={drawn.scores} />
      <path className="dots" d={drawn.dots} />
      <path className="ring" d={drawn.rings} />
      <path className="still" d={drawn.still} />
      <path className="halo" d={drawn.halos} />
      <path className="diamond" d={drawn.diamonds} data-alerts={drawn.alertCount} />
    </>
  )
})

function draw(
  timeline: Timeline,
  dimension: Dimension,
  { axis, highest }: Pick<DimensionChartProps, 'axis' | 'highest'>,
) {
  const { scores, limits } = timeline
  const values = scores[dimension]
  const y = scoreScale(highest)
  const buckets = Math.max(1, Math.floor(axis.width))
  const shown = keepExtremes(values, axis.span, buckets)
  const limitsShown = keepExtremes(limits, axis.span, buckets)
  const isKnown = (of: ArrayLike<number>) => (place: number) => !Number.isNaN(of[place])
  const x = (place: number): number => axis.x(place)
  const marked = (places: readonly number[]): readonly Point[] =>
    places.filter(axis.shows).map((place) => ({ x: axis.x(place), y: heightOf(values[place]!, y) }))
  const { alerts, continued } = timeline
  const began = thin(marked(alerts[dimension].filter((place) => !continued.has(place))), COVER)
  const still = thin(marked(alerts[dimension].filter((place) => continued.has(place))), COVER)
  const step = axis.width / Math.max(1, axis.span.to - axis.span.from + 1)
  return {
    grid: gridValues(highest).map((value) => ({ y: y(value), text: `${value}` })),
    provisional: timeline.provisional
      .filter(({ from, to }) => to >= axis.span.from && from <= axis.span.to)
      .map(({ from, to }) => {
        const left = axis.x(Math.max(from, axis.span.from)) - step / 2
        return { x: left, width: axis.x(Math.min(to, axis.span.to)) + step / 2 - left }
      }),
    zone:
      area<number>(x, BOTTOM, (place) => y(limits[place]!))
        .curve(curveStep)
        .defined(isKnown(limits))(limitsShown) ?? '',
    limit:
      line<number>(x, (place) => y(limits[place]!))
        .curve(curveStep)
        .defined(isKnown(limits))(limitsShown) ?? '',
    scores: line<number>(x, (place) => y(values[place]!)).defined(isKnown(values))(shown) ?? '',
    dots: step >= DOT_STEP ? dots(marked([...shown]), 1.7) : '',
    noted: timeline.noted
      .filter(axis.shows)
      .map((place) => `M${axis.x(place).toFixed(1)} 0V${HEIGHT}`)
      .join(''),
    rings: rings(thin(marked(timeline.unjudged), COVER), 3),
    stems: stems(began, BOTTOM),
    halos: diamonds(began, 8),
    diamonds: diamonds(began, 4.6),
    still: diamonds(still, 3.6),
    alertCount: alerts[dimension].filter(axis.shows).length,
  }
}

/** A score without bound travels as unknown: it is drawn at the top. */
const heightOf = (value: number, y: (value: number) => number): number =>
  Number.isNaN(value) ? TOP : y(value)

const gridValues = (highest: number): readonly number[] =>
  [0, 3, 10, 30, 100, 300].filter((value) => value <= highest)
