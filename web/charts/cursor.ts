import type { HTMLAttributes, KeyboardEvent, PointerEvent } from 'react'
import { useWords } from '../language/words.tsx'
import type { BatchAxis } from './batch-axis.ts'

interface CursorOptions {
  readonly axis: BatchAxis
  /** Batch under the cursor. */
  readonly cursor: number | null
  /** Where the keyboard starts from. */
  readonly selected: number | null
  /** Places that Page Up and Page Down stop at, rising. */
  readonly stops: readonly number[]
  readonly label: string
  /** What is said of the batch under the cursor. */
  describe(place: number): string
  move(place: number | null): void
  select(place: number): void
}

/** What makes a chart reachable: pointer, arrow keys, and a slider to assistive technology. */
export function useChartCursor(options: CursorOptions): HTMLAttributes<HTMLElement> {
  const { axis, cursor, selected, move, select } = options
  const words = useWords()
  const { from, to } = axis.span
  const current = cursor ?? (selected !== null && axis.shows(selected) ? selected : to)
  const placeAt = (event: PointerEvent<HTMLElement>): number =>
    axis.place(event.clientX - event.currentTarget.getBoundingClientRect().left)
  return {
    role: 'slider',
    tabIndex: 0,
    'aria-label': options.label,
    'aria-description': words.say('chart.keys'),
    'aria-valuemin': from,
    'aria-valuemax': to,
    'aria-valuenow': current,
    'aria-valuetext': options.describe(current),
    onPointerMove: (event) => move(placeAt(event)),
    onPointerLeave: () => move(null),
    onClick: (event) => select(placeAt(event as unknown as PointerEvent<HTMLElement>)),
    onFocus: (event) => {
      if (event.currentTarget.matches(':focus-visible')) move(current)
    },
    onBlur: () => move(null),
    onKeyDown: (event) => {
      if (event.key === 'Escape') move(null)
      const next = event.key === 'Enter' || event.key === ' ' ? current : afterKey(event, current, options)
      if (next === null) return
      event.preventDefault()
      if (event.key === 'Enter' || event.key === ' ') select(next)
      move(next)
    },
  }
}

function afterKey(
  { key }: KeyboardEvent,
  current: number,
  { axis: { span }, stops }: Pick<CursorOptions, 'axis' | 'stops'>,
): number | null {
  const within = (place: number): number => Math.min(span.to, Math.max(span.from, place))
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return within(current - 1)
    case 'ArrowRight':
    case 'ArrowUp':
      return within(current + 1)
    case 'Home':
      return span.from
    case 'End':
      return span.to
    case 'PageUp':
      return within(stops.findLast((place) => place < current) ?? span.from)
    case 'PageDown':
      return within(stops.find((place) => place > current) ?? span.to)
    default:
      return null
  }
}
