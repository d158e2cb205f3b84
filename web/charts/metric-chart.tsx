import { scaleLinear } from 'd3-scale'
import { area, curveStep, line } from 'd3-shape'
import { memo, useId, useMemo, useState } from 'react'
import type { Series } from '../../src/api/schemas.ts'
import { useWords, type Words } from '../language/words.tsx'
import { type BatchAxis, batchAxis } from './batch-axis.ts'
import { BatchNote } from './batch-note.tsx'
import { ChartTooltip } from './chart-tooltip.tsx'
import { useChartCursor } from './cursor.ts'
import { dateTicks } from './date-ticks.ts'
import { useElementWidth } from './element-width.ts'
import { keepExtremes, type Span } from './keep-extremes.ts'
import { diamonds, dots } from './marks.ts'
import { type SeriesColumns, seriesColumns, shownInterval } from './series-columns.ts'
import type { Timeline } from './timeline.ts'

const HEIGHT = 232
const MARGIN = { left: 58, right: 12, top: 12, bottom: 24 }
const BOTTOM = HEIGHT - MARGIN.bottom
const DOT_STEP = 7

interface MetricChartProps {
  readonly series: Series
  readonly timeline: Timeline
  readonly range: Span | null
  readonly selected: number | null
  onSelect(place: number): void
}

/** The control chart of one metric: its value, its centre line, and the limits it had on each batch. */
export function MetricChart({ series, timeline, range, selected, onSelect }: MetricChartProps) {
  const words = useWords()
  const [ref, width] = useElementWidth<HTMLDivElement>()
  const [cursor, setCursor] = useState<number | null>(null)
  const count = timeline.verdicts.length
  const span = useMemo(() => range ?? { from: 0, to: Math.max(0, count - 1) }, [range, count])
  const columns = useMemo(
    () => seriesColumns(series, count, (batch) => timeline.places.get(batch)),
    [series, count, timeline],
  )
  const axis = useMemo(
    () => batchAxis(span, MARGIN.left, Math.max(1, width - MARGIN.left - MARGIN.right)),
    [span, width],
  )
  const y = useMemo(
    () => scaleLinear(shownInterval(columns, span.from, span.to), [BOTTOM, MARGIN.top]).nice(5),
    [columns, span],
  )
  const name = `${words.place(series)} · ${words.label(series)}`
  const interaction = useChartCursor({
    axis,
    cursor,
    selected,
    stops: columns.violations,
    label: words.say('metric.chart', { metric: name, count, violations: columns.violations.length }),
    describe: (place) => describe(place, { series, columns, timeline, words }),
    move: setCursor,
    select: onSelect,
  })
  return (
    <div ref={ref} className="plot metric-plot" {...interaction} data-chart="metric">
      <svg width={width} height={HEIGHT} aria-hidden="true">
        {width > 0 && <MetricLines {...{ series, columns, timeline, axis, y }} />}
        <Pointers {...{ axis, columns, y, selected, cursor }} />
      </svg>
      {cursor !== null && timeline.verdicts[cursor] && (
        <ChartTooltip x={axis.x(cursor)} y={heightAt(columns.values[cursor], y)} width={width}>
          <BatchNote
            verdict={timeline.verdicts[cursor]}
            status={columns.violations.includes(cursor) ? 'alert' : 'ok'}
            figure={figureOf(cursor, { series, columns, words })}
            why={expectedAt(cursor, { series, columns, words })}
          />
        </ChartTooltip>
      )}
    </div>
  )
}

type Scale = ReturnType<typeof scaleLinear<number, number>>

const heightAt = (value: number | undefined, y: Scale): number =>
  value === undefined || Number.isNaN(value) ? MARGIN.top + 40 : y(value)

interface MetricLinesProps {
  readonly series: Series
  readonly columns: SeriesColumns
  readonly timeline: Timeline
  readonly axis: BatchAxis
  readonly y: Scale
}

const MetricLines = memo(function MetricLines({ series, columns, timeline, axis, y }: MetricLinesProps) {
  const words = useWords()
  const clip = useId()
  const drawn = useMemo(() => draw(columns, axis, y), [columns, axis, y])
  const right = axis.left + axis.width
  const ticks = dateTicks(timeline.starts, axis.span, {
    wanted: Math.max(2, Math.round(axis.width / 100)),
    formats: words,
  })
  return (
    <>
      <clipPath id={clip}>
        <rect x={axis.left} y={MARGIN.top - 6} width={axis.width} height={BOTTOM - MARGIN.top + 6} />
      </clipPath>
      <g className="grid">
        {y.ticks(5).map((value) => (
          <g key={value}>
            <line x1={axis.left} x2={right} y1={y(value)} y2={y(value)} />
            <text x={axis.left - 8} y={y(value) + 4} textAnchor="end">
              {words.value(value, series.unit)}
            </text>
          </g>
        ))}
        {ticks.map(({ place, text }) => (
          <text key={place} x={axis.x(place)} y={HEIGHT - 6} textAnchor="middle">
            {text}
          </text>
        ))}
      </g>
      <g clipPath={`url(#${clip})`}>
        <path className="band" d={drawn.band} />
        <path className="limit" d={drawn.upper} />
        <path className="limit" d={drawn.lower} />
        <path className="center" d={drawn.center} />
        <path
          className="note-line"
          d={timeline.noted
            .filter(axis.shows)
            .map((place) => `M${axis.x(place).toFixed(1)} ${MARGIN.top}V${BOTTOM}`)
            .join('')}
        />
      </g>
      <path className="line" d={drawn.values} />
      <path className="dots" d={drawn.dots} />
      <path className="halo" d={diamonds(drawn.violations, 8)} />
      <path className="diamond" d={diamonds(drawn.violations, 4.6)} />
    </>
  )
})

/** Pixels beyond which a path leaves what browsers parse; the limits of a cold start can be astronomically wide. */
const FAR = 1e5

function draw({ values, centers, lower, upper, violations }: SeriesColumns, axis: BatchAxis, scale: Scale) {
  const y = (value: number): number => Math.max(-FAR, Math.min(FAR, scale(value)))
  const buckets = Math.max(1, Math.floor(axis.width))
  const kept = (of: Float64Array) => keepExtremes(of, axis.span, buckets)
  const x = (place: number): number => axis.x(place)
  const known = (of: Float64Array) => (place: number) => !Number.isNaN(of[place])
  const path = (of: Float64Array, curve?: typeof curveStep): string => {
    const shape = line<number>(x, (place) => y(of[place]!)).defined(known(of))
    return (curve ? shape.curve(curve) : shape)(kept(of)) ?? ''
  }
  const at = (place: number) => ({ x: axis.x(place), y: y(values[place]!) })
  const [bottom, top] = scale.range() as [number, number]
  const band = area<number>(
    x,
    (place) => (Number.isNaN(lower[place]!) ? bottom : y(lower[place]!)),
    (place) => (Number.isNaN(upper[place]!) ? top : y(upper[place]!)),
  )
    .curve(curveStep)
    .defined((place) => !Number.isNaN(lower[place]!) || !Number.isNaN(upper[place]!))
  const step = axis.width / Math.max(1, axis.span.to - axis.span.from + 1)
  return {
    values: path(values),
    center: path(centers, curveStep),
    lower: path(lower, curveStep),
    upper: path(upper, curveStep),
    band: band([...new Set([...kept(lower), ...kept(upper)])].sort((a, b) => a - b)) ?? '',
    dots: step >= DOT_STEP ? dots(kept(values).filter(known(values)).map(at), 1.7) : '',
    violations: violations.filter(axis.shows).map(at),
  }
}

interface PointersProps {
  readonly axis: BatchAxis
  readonly columns: SeriesColumns
  readonly y: Scale
  readonly selected: number | null
  readonly cursor: number | null
}

function Pointers({ axis, columns, y, selected, cursor }: PointersProps) {
  return (['selected', 'cursor'] as const).map((kind) => {
    const place = kind === 'selected' ? selected : cursor
    if (place === null || !axis.shows(place)) return null
    const value = columns.values[place]
    return (
      <g key={kind}>
        <line className={`${kind}-line`} x1={axis.x(place)} x2={axis.x(place)} y1={MARGIN.top} y2={BOTTOM} />
        {value !== undefined && !Number.isNaN(value) && (
          <circle className={`${kind}-dot`} cx={axis.x(place)} cy={y(value)} r={kind === 'cursor' ? 4 : 8} />
        )}
      </g>
    )
  })
}

interface Told {
  readonly series: Series
  readonly columns: SeriesColumns
  readonly words: Words
}

function figureOf(place: number, { series, columns, words }: Told): string {
  const value = columns.values[place]
  return value === undefined || Number.isNaN(value)
    ? words.say('metric.notInBatch')
    : words.value(value, series.unit)
}

const limitOf = (value: number | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value

function expectedAt(place: number, { series, columns, words }: Told): string | null {
  const [lowerLimit, upperLimit] = [limitOf(columns.lower[place]), limitOf(columns.upper[place])]
  if (lowerLimit === null && upperLimit === null) return null
  return `${words.say('finding.expected')} ${words.expected({ lowerLimit, upperLimit, unit: series.unit })}`
}

function describe(place: number, { timeline, ...told }: Told & { readonly timeline: Timeline }): string {
  const verdict = timeline.verdicts[place]
  if (!verdict) return ''
  return [told.words.batch(verdict), figureOf(place, told), expectedAt(place, told) ?? '']
    .filter(Boolean)
    .join(', ')
}
