import { scaleSqrt } from 'd3-scale'
import { area } from 'd3-shape'
import { type KeyboardEvent, memo, type PointerEvent, useMemo, useRef } from 'react'
import { useWords } from '../language/words.tsx'
import { type BatchAxis, batchAxis } from './batch-axis.ts'
import { keepExtremes, type Span } from './keep-extremes.ts'
import type { Timeline } from './timeline.ts'

const HEIGHT = 38
/** Fewest batches a range holds. */
const SHORTEST = 7
/** Pixels around an edge that take hold of it. */
const GRIP = 8

interface RangeBrushProps {
  readonly timeline: Timeline
  readonly range: Span | null
  readonly width: number
  readonly left: number
  readonly right: number
  onRange(range: Span | null): void
}

type Grip = 'from' | 'to' | 'move' | 'new'

/** The whole history in a strip, on which the range of the charts is chosen by pointer or arrow keys. */
export function RangeBrush({ timeline, range, width, left, right, onRange }: RangeBrushProps) {
  const words = useWords()
  const last = Math.max(0, timeline.verdicts.length - 1)
  const axis = useMemo(
    () => batchAxis({ from: 0, to: last }, left, Math.max(1, width - left - right)),
    [last, left, right, width],
  )
  const dragging = usePointerRange(axis, range, onRange)
  if (last < SHORTEST) return null
  const { from, to } = range ?? { from: 0, to: last }
  const half = axis.width / (last + 1) / 2
  const edges = { from: axis.x(from) - half, to: axis.x(to) + half }
  const named = (place: number): string => words.batch(timeline.verdicts[place]!)
  return (
    <fieldset className="range-brush" aria-label={words.say('range.title')} {...dragging}>
      <svg width={width} height={HEIGHT} aria-hidden="true">
        <Overview timeline={timeline} axis={axis} />
        <rect className="outside" x={left} y={0} width={Math.max(0, edges.from - left)} height={HEIGHT} />
        <rect
          className="outside"
          x={edges.to}
          y={0}
          width={Math.max(0, width - right - edges.to)}
          height={HEIGHT}
        />
        <rect
          className="window"
          x={edges.from}
          y={0.5}
          width={edges.to - edges.from}
          height={HEIGHT - 1}
          rx={4}
        />
      </svg>
      {(['from', 'to'] as const).map((edge) => (
        <div
          key={edge}
          className="range-edge"
          role="slider"
          tabIndex={0}
          aria-label={words.say(`range.${edge}`)}
          aria-valuemin={0}
          aria-valuemax={last}
          aria-valuenow={edge === 'from' ? from : to}
          aria-valuetext={named(edge === 'from' ? from : to)}
          style={{ left: edges[edge] }}
          onKeyDown={(event) => onRange(afterKey(event, edge, { span: { from, to }, last }) ?? range)}
        />
      ))}
      {range && (
        <button type="button" className="quiet range-all" onClick={() => onRange(null)}>
          {words.say('range.shown', { from: named(from), to: named(to) })} · {words.say('range.all')}
        </button>
      )}
    </fieldset>
  )
}

const Overview = memo(function Overview({
  timeline,
  axis,
}: {
  readonly timeline: Timeline
  readonly axis: BatchAxis
}) {
  const { highest, alerted } = timeline
  const y = scaleSqrt([0, highest.reduce((a, b) => Math.max(a, b), 1)], [HEIGHT - 2, 8])
  const shown = keepExtremes(highest, axis.span, Math.floor(axis.width))
  const shape =
    area<number>(
      (place) => axis.x(place),
      HEIGHT - 2,
      (place) => y(highest[place]!),
    )(shown) ?? ''
  return (
    <>
      <path className="overview" d={shape} />
      <path className="overview-alerts" d={ticksAt(alerted, axis)} />
    </>
  )
})

const ticksAt = (places: readonly number[], axis: BatchAxis): string =>
  [...new Set(places.map((place) => Math.round(axis.x(place))))].map((x) => `M${x} 2v4`).join('')

function usePointerRange(axis: BatchAxis, range: Span | null, onRange: (range: Span | null) => void) {
  const drag = useRef<{ grip: Grip; start: number; span: Span } | null>(null)
  const { to: last } = axis.span
  const xOf = (event: PointerEvent<HTMLElement>): number =>
    event.clientX - event.currentTarget.getBoundingClientRect().left
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if ((event.target as Element).closest('button')) return
      event.currentTarget.setPointerCapture(event.pointerId)
      const span = range ?? axis.span
      drag.current = { grip: gripAt(xOf(event), axis, range), start: axis.place(xOf(event)), span }
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!drag.current) return
      const next = dragged(drag.current, axis.place(xOf(event)), last)
      if (next) onRange(next.from === 0 && next.to === last ? null : next)
    },
    onPointerUp: () => {
      drag.current = null
    },
    onDoubleClick: () => onRange(null),
  }
}

function gripAt(x: number, axis: BatchAxis, range: Span | null): Grip {
  const { from, to } = range ?? axis.span
  if (Math.abs(x - axis.x(from)) <= GRIP) return 'from'
  if (Math.abs(x - axis.x(to)) <= GRIP) return 'to'
  return range && x > axis.x(from) && x < axis.x(to) ? 'move' : 'new'
}

function dragged(
  { grip, start, span }: { readonly grip: Grip; readonly start: number; readonly span: Span },
  place: number,
  last: number,
): Span | null {
  if (grip === 'from') return { from: Math.max(0, Math.min(place, span.to - SHORTEST + 1)), to: span.to }
  if (grip === 'to') return { from: span.from, to: Math.min(last, Math.max(place, span.from + SHORTEST - 1)) }
  if (grip === 'move') {
    const from = Math.max(0, Math.min(last - (span.to - span.from), span.from + place - start))
    return { from, to: from + span.to - span.from }
  }
  const chosen = { from: Math.min(start, place), to: Math.max(start, place) }
  return chosen.to - chosen.from + 1 >= SHORTEST ? chosen : null
}

function afterKey(
  event: KeyboardEvent,
  edge: 'from' | 'to',
  { span, last }: { readonly span: Span; readonly last: number },
): Span | null {
  const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: -10, PageDown: 10 }[
    event.key
  ]
  const place = { Home: 0, End: last }[event.key] ?? (step === undefined ? undefined : span[edge] + step)
  if (place === undefined) return null
  event.preventDefault()
  return dragged({ grip: edge, start: span[edge], span }, place, last)
}
