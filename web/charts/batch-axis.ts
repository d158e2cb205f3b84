import type { Span } from './keep-extremes.ts'

/** The horizontal axis: every batch has the same width, so that two batches of one day stand side by side. */
export interface BatchAxis {
  readonly span: Span
  readonly left: number
  readonly width: number
  /** Centre of a batch, in pixels. */
  x(place: number): number
  /** The batch at a pixel, the nearest when outside. */
  place(x: number): number
  shows(place: number): boolean
}

export function batchAxis(span: Span, left: number, width: number): BatchAxis {
  const count = span.to - span.from + 1
  const step = width / Math.max(1, count)
  return {
    span,
    left,
    width,
    x: (place) => left + (place - span.from + 0.5) * step,
    place: (x) => Math.min(span.to, Math.max(span.from, span.from + Math.floor((x - left) / step))),
    shows: (place) => place >= span.from && place <= span.to,
  }
}
