import type { VerdictSummary } from '../../src/api/schemas.ts'
import { isContinued } from '../language/server-sentence.ts'
import type { Span } from './keep-extremes.ts'

export type Dimension = keyof VerdictSummary['dimensions']

/** In the order the product names them. */
export const dimensions = [
  'conformity',
  'uniqueness',
  'completeness',
  'integrity',
  'consistency',
] as const satisfies readonly Dimension[]

/** The verdicts of a dataset as columns, ready to be drawn. */
export interface Timeline {
  readonly verdicts: readonly VerdictSummary[]
  readonly starts: readonly (number | null)[]
  /** Nats; NaN where unknown. */
  readonly scores: Readonly<Record<Dimension, Float64Array>>
  /** Highest of the five scores. */
  readonly highest: Float64Array
  readonly limits: Float64Array
  readonly alerts: Readonly<Record<Dimension, readonly number[]>>
  /** Places of the batches that stay unusual after an alert. */
  readonly continued: ReadonlySet<number>
  /** Places of the batches that raised an alert. */
  readonly alerted: readonly number[]
  readonly unjudged: readonly number[]
  readonly noted: readonly number[]
  readonly provisional: readonly Span[]
  /** Place of a batch by its key. */
  readonly places: ReadonlyMap<string, number>
}

export function timelineOf(verdicts: readonly VerdictSummary[]): Timeline {
  const placesWhere = (is: (verdict: VerdictSummary) => boolean): readonly number[] =>
    verdicts.flatMap((verdict, place) => (is(verdict) ? [place] : []))
  const perDimension = <T>(of: (dimension: Dimension) => T) =>
    Object.fromEntries(dimensions.map((dimension) => [dimension, of(dimension)])) as Record<Dimension, T>
  const scores = perDimension((dimension) =>
    Float64Array.from(verdicts, (verdict) => verdict.dimensions[dimension].score ?? Number.NaN),
  )
  return {
    verdicts,
    starts: verdicts.map(({ startMs }) => startMs),
    scores,
    highest: Float64Array.from(verdicts, (_, i) =>
      dimensions.reduce((peak, dimension) => Math.max(peak, scores[dimension][i] || 0), 0),
    ),
    limits: Float64Array.from(verdicts, ({ threshold }) => threshold ?? Number.NaN),
    alerts: perDimension((dimension) =>
      placesWhere((verdict) => verdict.dimensions[dimension].status === 'alert'),
    ),
    continued: new Set(placesWhere(({ status, reason }) => status === 'alert' && isContinued(reason))),
    alerted: placesWhere(({ status }) => status === 'alert'),
    unjudged: placesWhere(({ status }) => status === 'cannot-judge'),
    noted: placesWhere(({ label }) => label !== null),
    provisional: spansOf(verdicts.map(({ provisional }) => provisional)),
    places: new Map(verdicts.map(({ batch }, place) => [batch, place])),
  }
}

/** Runs of true. */
function spansOf(flags: readonly boolean[]): readonly Span[] {
  const spans: Span[] = []
  let from = -1
  flags.forEach((flag, place) => {
    if (flag && from < 0) from = place
    if (from >= 0 && (!flag || place === flags.length - 1)) {
      spans.push({ from, to: flag ? place : place - 1 })
      from = -1
    }
  })
  return spans
}
