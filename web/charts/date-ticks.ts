import { scaleUtc } from 'd3-scale'
import type { Formats } from '../language/formats.ts'
import type { Span } from './keep-extremes.ts'

export interface Tick {
  readonly place: number
  readonly text: string
}

const YEAR_MS = 365 * 86_400_000

/**
 * Ticks of an axis whose steps are batches: where a round date begins, or every so many batches when they have no dates.
 *
 * @param starts - Epoch ms of each batch, in the order of arrival.
 * @param wanted - About how many ticks fit.
 */
export function dateTicks(
  starts: readonly (number | null)[],
  span: Span,
  { wanted, formats }: { readonly wanted: number; readonly formats: Formats },
): readonly Tick[] {
  const first = starts[span.from]
  const last = starts[span.to]
  if (first == null || last == null || last <= first) return numberedTicks(span, wanted)
  const text = last - first > 1.5 * YEAR_MS ? formats.month : formats.shortDay
  const ticks = new Map<number, string>()
  for (const date of scaleUtc([first, last], [0, 1]).ticks(wanted)) {
    const place = placeOf(starts, span, date.getTime())
    if (place >= 0 && !ticks.has(place)) ticks.set(place, text(date.getTime()))
  }
  return [...ticks].map(([place, label]) => ({ place, text: label }))
}

function placeOf(starts: readonly (number | null)[], { from, to }: Span, epochMs: number): number {
  for (let i = from; i <= to; i++) if ((starts[i] ?? Number.NEGATIVE_INFINITY) >= epochMs) return i
  return -1
}

function numberedTicks({ from, to }: Span, wanted: number): readonly Tick[] {
  const step = Math.max(1, Math.ceil((to - from + 1) / Math.max(1, wanted)))
  const ticks: Tick[] = []
  for (let place = from; place <= to; place += step) ticks.push({ place, text: `${place + 1}` })
  return ticks
}
