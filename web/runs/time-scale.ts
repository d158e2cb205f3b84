/** From when to when something went on, in epoch milliseconds. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** Where instants lie between the first start and the last end. */
export interface TimeScale {
  /** Fraction in [0, 1] of the width. */
  placeOf(ms: number): number
  /** Idle times too long to be drawn to scale: the fraction they are cut at, and how long they were. */
  readonly cuts: readonly { readonly at: number; readonly idleMs: number }[]
}

/** Width of a cut, as a share of the time that is drawn. */
const CUT_SHARE = 0.04

/** To scale, but for idle times longer than all that was done, as between a failure and its retry: those are cut out. */
export function timeScale(spans: readonly Span[]): TimeScale {
  const busy = merged(spans)
  const busyMs = busy.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
  const idle = busy.slice(1).map(({ startMs }, i) => startMs - busy[i]!.endMs)
  const isCut = (ms: number): boolean => ms > busyMs
  const drawnMs = busyMs + idle.reduce((sum, ms) => sum + (isCut(ms) ? 0 : ms), 0)
  const cutMs = Math.max(1, drawnMs) * CUT_SHARE
  const starts: number[] = []
  let width = 0
  for (const [i, { startMs, endMs }] of busy.entries()) {
    if (i > 0) width += isCut(idle[i - 1]!) ? cutMs : idle[i - 1]!
    starts.push(width)
    width += endMs - startMs
  }
  const whole = Math.max(1, width)
  return {
    placeOf(ms) {
      const i = Math.max(
        0,
        busy.findLastIndex(({ startMs }) => startMs <= ms),
      )
      return busy.length === 0 ? 0 : clamp((starts[i]! + ms - busy[i]!.startMs) / whole)
    },
    cuts: idle.flatMap((idleMs, i) =>
      isCut(idleMs) ? [{ at: (starts[i + 1]! - cutMs / 2) / whole, idleMs }] : [],
    ),
  }
}

const clamp = (fraction: number): number => Math.min(1, Math.max(0, fraction))

/** Spans that overlap or touch as one, in order. */
function merged(spans: readonly Span[]): readonly Span[] {
  const joined: { startMs: number; endMs: number }[] = []
  for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1)
    if (last && span.startMs <= last.endMs) last.endMs = Math.max(last.endMs, span.endMs)
    else joined.push({ ...span })
  }
  return joined
}
