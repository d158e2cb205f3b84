import { useCallback, useMemo, useState } from 'react'
import { useWords } from '../language/words.tsx'
import { StatusMark } from '../shell/status-mark.tsx'
import { type BatchAxis, batchAxis } from './batch-axis.ts'
import { BatchNote } from './batch-note.tsx'
import { ChartTooltip } from './chart-tooltip.tsx'
import { useChartCursor } from './cursor.ts'
import { dateTicks } from './date-ticks.ts'
import { DimensionChart, dimensionChartHeight, scoreScale } from './dimension-chart.tsx'
import { useElementWidth } from './element-width.ts'
import type { Span } from './keep-extremes.ts'
import { NoteLane } from './note-lane.tsx'
import { RangeBrush } from './range-brush.tsx'
import { type Dimension, dimensions, type Timeline } from './timeline.ts'

const RIGHT = 12
const LEFT = 30
/** The scale never ends just above the limit. */
const HEADROOM = 1.3

interface DimensionChartsProps {
  readonly timeline: Timeline
  /** Batches shown; all when null. */
  readonly range: Span | null
  readonly selected: number | null
  onRange(range: Span | null): void
  onSelect(place: number): void
}

interface Cursor {
  readonly place: number
  readonly dimension: Dimension
}

/** The five control charts of a dataset over one axis of batches, with one cursor and one range. */
export function DimensionCharts({ timeline, range, selected, onRange, onSelect }: DimensionChartsProps) {
  const words = useWords()
  const [ref, width] = useElementWidth<HTMLDivElement>()
  const [cursor, setCursor] = useState<Cursor | null>(null)
  const last = timeline.verdicts.length - 1
  const span = useMemo(() => range ?? { from: 0, to: Math.max(0, last) }, [range, last])
  const axis = useMemo(() => batchAxis(span, LEFT, Math.max(1, width - LEFT - RIGHT)), [span, width])
  const highest = useMemo(() => highestOf(timeline, span), [timeline, span])
  const ticks = useMemo(
    () => dateTicks(timeline.starts, span, { wanted: Math.max(2, Math.round(width / 110)), formats: words }),
    [timeline, span, width, words],
  )
  return (
    <div className="dimension-charts">
      <div ref={ref} className="dimension-stack">
        {width > 0 && <NoteLane timeline={timeline} axis={axis} />}
        {dimensions.map((dimension) => (
          <DimensionRow
            key={dimension}
            {...{ timeline, dimension, axis, highest, selected, cursor, setCursor, onSelect, width }}
          />
        ))}
        <svg className="axis" width={width} height={18} aria-hidden="true">
          {ticks.map(({ place, text }) => (
            <text key={place} x={Math.max(14, axis.x(place))} y={13} textAnchor="middle">
              {text}
            </text>
          ))}
        </svg>
        <RangeBrush
          timeline={timeline}
          range={range}
          width={width}
          left={LEFT}
          right={RIGHT}
          onRange={onRange}
        />
      </div>
    </div>
  )
}

function highestOf({ highest, limits }: Timeline, { from, to }: Span): number {
  let top = 4
  for (let i = from; i <= to; i++) top = Math.max(top, highest[i]! * 1.04, (limits[i] || 0) * HEADROOM)
  return top
}

interface DimensionRowProps {
  readonly timeline: Timeline
  readonly dimension: Dimension
  readonly axis: BatchAxis
  readonly highest: number
  readonly selected: number | null
  readonly cursor: Cursor | null
  readonly width: number
  setCursor(cursor: Cursor | null): void
  onSelect(place: number): void
}

function DimensionRow(props: DimensionRowProps) {
  const { timeline, dimension, axis, highest, selected, cursor, setCursor, width } = props
  const words = useWords()
  const name = words.say(`dimension.${dimension}`)
  const latest = timeline.verdicts.at(-1)
  const alerts = timeline.alerts[dimension].length
  const move = useCallback(
    (place: number | null) => setCursor(place === null ? null : { place, dimension }),
    [setCursor, dimension],
  )
  const interaction = useChartCursor({
    axis,
    cursor: cursor?.dimension === dimension ? cursor.place : null,
    selected,
    stops: timeline.alerts[dimension],
    label: words.say('dimensions.chart', { dimension: name, count: timeline.verdicts.length, alerts }),
    describe: (place) => describe(timeline, dimension, { place, words }),
    move,
    select: props.onSelect,
  })
  return (
    <section className="dimension-row" aria-label={name}>
      <h3>
        {latest && <StatusMark status={latest.dimensions[dimension].status} />}
        <span>{name}</span>
        <small>{words.say(`about.${dimension}`)}</small>
        {alerts > 0 && (
          <b className="count" title={words.say('nav.alerts', { count: alerts })}>
            {words.count(alerts)}
          </b>
        )}
      </h3>
      <div className="plot" {...interaction} data-chart={dimension}>
        <svg width={width} height={dimensionChartHeight} aria-hidden="true">
          <DimensionChart timeline={timeline} dimension={dimension} axis={axis} highest={highest} />
          <Pointers {...props} />
        </svg>
        {cursor?.dimension === dimension && <Hovered {...props} place={cursor.place} />}
      </div>
    </section>
  )
}

/** The moving part: the selected batch and the one under the cursor. */
function Pointers({ timeline, dimension, axis, highest, selected, cursor }: DimensionRowProps) {
  const y = scoreScale(highest)
  const score = cursor ? timeline.scores[dimension][cursor.place] : undefined
  return (
    <>
      {selected !== null && axis.shows(selected) && (
        <line
          className="selected-line"
          x1={axis.x(selected)}
          x2={axis.x(selected)}
          y1={0}
          y2={dimensionChartHeight}
        />
      )}
      {cursor && axis.shows(cursor.place) && (
        <>
          <line
            className="cursor-line"
            x1={axis.x(cursor.place)}
            x2={axis.x(cursor.place)}
            y1={0}
            y2={dimensionChartHeight}
          />
          {score !== undefined && !Number.isNaN(score) && (
            <circle className="cursor-dot" cx={axis.x(cursor.place)} cy={y(score)} r={4} />
          )}
        </>
      )}
    </>
  )
}

function Hovered({
  timeline,
  dimension,
  axis,
  highest,
  width,
  place,
}: DimensionRowProps & { readonly place: number }) {
  const words = useWords()
  const verdict = timeline.verdicts[place]
  if (!verdict) return null
  const { status, score, cause, reason } = verdict.dimensions[dimension]
  const figure = `${words.say('chart.score', { value: words.score(score) })} · ${words.say('chart.limit')} ${words.score(verdict.threshold)}`
  return (
    <ChartTooltip x={axis.x(place)} y={scoreScale(highest)(score ?? highest)} width={width}>
      <BatchNote
        verdict={verdict}
        status={status}
        figure={figure}
        why={cause ? words.sentence(cause) : reason}
      />
    </ChartTooltip>
  )
}

function describe(
  timeline: Timeline,
  dimension: Dimension,
  { place, words }: { readonly place: number; readonly words: ReturnType<typeof useWords> },
): string {
  const verdict = timeline.verdicts[place]
  if (!verdict) return ''
  const { status, score, cause } = verdict.dimensions[dimension]
  const point = words.say('chart.point', {
    batch: words.batch(verdict),
    value: words.say('chart.score', { value: words.score(score) }),
    limit: words.score(verdict.threshold),
    status: words.say(`status.${status}`),
  })
  const note = verdict.label ? words.told(verdict.label, 'note') : ''
  return [point, cause ? words.sentence(cause) : '', note].filter(Boolean).join('. ')
}
