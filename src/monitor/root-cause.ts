import { type Metric, seriesKey } from '../data/metric.ts'
import type { RowSample } from '../data/profile.ts'
import { cause } from '../detectors/blame.ts'
import type { BatchScore, SeriesScore } from '../detectors/table-scorer.ts'
import { quoteName, quoteText } from '../engines/duckdb.ts'
import type { History } from '../profile/history.ts'
import { measure } from '../profile/measure.ts'
import { profileSample } from '../profile/profile-sample.ts'
import { takeRows } from '../profile/take-rows.ts'
import { type BatchView, viewBatch } from '../profile/view.ts'
import type { Baseline } from './baseline.ts'
import { type Condition, type Segment, segmentsOf } from './segments.ts'
import { type Suspects, suspectRows } from './suspect-rows.ts'

/** What would make a batch normal again. */
export interface RootCause {
  readonly kind: 'segment' | 'column' | 'rows'
  /** Of a segment: one or two. */
  readonly conditions: readonly Condition[]
  /** Of the column to repair, or those that the suspect rows are about. */
  readonly columns: readonly string[]
  /** Share of the batch's rows concerned. */
  readonly rowShare: number
  /** Nats of the table as it is, and with this removed or repaired. */
  readonly before: number
  readonly after: number
  /** Whether `after` is as usual: no more than the threshold. */
  readonly isNormalAgain: boolean
  /** DuckDB predicate that selects the rows; null for a whole column. */
  readonly predicate: string | null
  /** One sentence. */
  readonly message: string
}

/** Most surprising series whose rows are looked at, and segments tried per batch. */
const SERIES = 12
const SEGMENTS = 3
const COLUMNS = 5
/** Nats below which a series is ordinary. */
const ORDINARY = 3
/** Segments that fit the suspects less are no explanation. */
const LEAST_FIT = 0.5
/** Counts follow the number of rows: with rows removed they tell nothing. */
const COUNTS = new Set(['rowCount', 'distinctCount', 'distinctFraction', 'hoursSincePrevious'])

/** A batch as it was judged. */
export interface JudgedAgain {
  readonly view: BatchView
  readonly baseline: Baseline
  readonly threshold: number
}

/**
 * Finds the smallest part of a batch whose removal or repair makes it normal again: rows that share one or two values, or
 * a column; the most convincing first.
 *
 * Counterfactual: each candidate is taken out of the batch's sample, what is left is measured and scored again. Works on
 * the kept sample (20,000 rows at most); causes in fewer rows than show there are not seen.
 */
export function rootCauses({ view, baseline, threshold }: JudgedAgain): readonly RootCause[] {
  const { history, scorer } = baseline
  const scoreOf = (batch: BatchView, counts: (metric: Metric) => boolean = () => true): BatchScore =>
    scorer.score({
      metrics: measure(batch, history).filter((metric) => !COUNTS.has(metric.name) && counts(metric)),
      startMs: batch.startMs,
    })
  const score = scoreOf(view)
  // What was ordinary with the bad rows in does not count without them: fewer rows alone are noisier.
  const unusual = new Set(score.series.filter(({ surprise }) => surprise >= ORDINARY).map(({ key }) => key))
  const context: Search = {
    view,
    history,
    score,
    threshold,
    scoreOf: (batch, except) =>
      scoreOf(batch, (metric) => unusual.has(seriesKey(metric)) && !involves(metric, except)),
  }
  const found = [...segmentCauses(context), ...columnCauses(context)]
  return found
    .filter(({ before, after }) => after < before)
    .sort(
      (a, b) =>
        Number(b.isNormalAgain) - Number(a.isNormalAgain) ||
        rankOf(a) - rankOf(b) ||
        a.after - b.after ||
        (a.message < b.message ? -1 : 1),
    )
}

const involves = ({ columns }: Metric, some: readonly string[] = []): boolean =>
  columns.some((column) => some.includes(column))

/** A segment says more than a column, and a column more than a list of rows. */
const rankOf = ({ kind }: RootCause): number => ['segment', 'column', 'rows'].indexOf(kind)

interface Search {
  readonly view: BatchView
  readonly history: History
  readonly score: BatchScore
  readonly threshold: number
  /** Scores what is left of the batch by what was unusual, without what speaks of some columns. */
  readonly scoreOf: (batch: BatchView, except?: readonly string[]) => BatchScore
}

/** Series that point at rows, the cause first. */
function tellingSeries({ series }: BatchScore): readonly SeriesScore[] {
  const first = cause(series)
  const rest = [...series].sort((a, b) => b.surprise - a.surprise).slice(0, SERIES)
  return first ? [first, ...rest.filter((each) => each !== first)] : []
}

function segmentCauses(search: Search): readonly RootCause[] {
  const { view, history, score } = search
  for (const { metric } of tellingSeries(score)) {
    const suspects = suspectRows(metric, view, history)
    if (!suspects) continue
    const explaining = segmentsOf(view.sample, suspects, new Set(metric.columns)).filter(
      ({ fit }) => fit >= LEAST_FIT,
    )
    const segments = explaining.slice(0, SEGMENTS).map((segment) => segmentCause(search, segment))
    return [...segments, suspectCause(search, suspects, metric.columns)]
  }
  return []
}

function segmentCause(search: Search, { conditions, rows }: Segment): RootCause {
  const { view } = search
  const codes = conditions.map(({ column, value }) => {
    const { sample } = view.columns.get(column)!
    return { codes: sample!.codes, code: codeOf(sample!.values, value) }
  })
  const isInside = (row: number): boolean => codes.every(({ codes: of, code }) => of[row] === code)
  const columns = conditions.map(({ column }) => column)
  // A value taken out changes the frequencies of its own column by that alone.
  const after = search.scoreOf(without(view, isInside), columns).table
  const predicate = conditions.map(predicateOf).join(' and ')
  const share = rows / view.sample.rows
  return {
    kind: 'segment',
    conditions,
    columns,
    rowShare: share,
    ...outcome(search, after),
    predicate,
    message: `Without the ${percent(share)} of rows where ${predicate}, the batch ${isAsUsual(search, after)}.`,
  }
}

function suspectCause(search: Search, suspects: Suspects, columns: readonly string[]): RootCause {
  const after = search.scoreOf(without(search.view, (row) => suspects[row] === 1)).table
  const share = suspects.reduce((sum, mark) => sum + mark, 0) / suspects.length
  return {
    kind: 'rows',
    conditions: [],
    columns,
    rowShare: share,
    ...outcome(search, after),
    predicate: null,
    message: `Without the ${percent(share)} of rows that stand out in ${columns.join(', ') || 'the table'}, the batch ${isAsUsual(search, after)}.`,
  }
}

/** A column repaired is one that no series speaks of. */
function columnCauses(search: Search): readonly RootCause[] {
  const suspicious = [...search.score.columns]
    .filter(([column, nats]) => column !== '' && nats > search.threshold)
    .sort((a, b) => b[1] - a[1])
    .slice(0, COLUMNS)
  return suspicious.map(([column]) => {
    const after = search.scoreOf(withoutColumn(search.view, column)).table
    return {
      kind: 'column',
      conditions: [],
      columns: [column],
      rowShare: 1,
      ...outcome(search, after),
      predicate: null,
      message: `Without ${column}, the batch ${isAsUsual(search, after)}.`,
    }
  })
}

const outcome = (
  { score, threshold }: Search,
  after: number,
): Pick<RootCause, 'before' | 'after' | 'isNormalAgain'> => ({
  before: score.table,
  after,
  isNormalAgain: after <= threshold,
})

const isAsUsual = ({ threshold }: Search, after: number): string =>
  after <= threshold ? 'is as usual' : 'is still unusual'

const percent = (share: number): string => `${(share * 100).toPrecision(2)} %`

const predicateOf = ({ column, value }: Condition): string => {
  if (value === null) return `${quoteName(column)} is null`
  return `${quoteName(column)} = ${typeof value === 'number' ? value : quoteText(value)}`
}

const codeOf = (values: readonly (number | string)[], value: number | string | null): number =>
  value === null ? 0 : values.indexOf(value) + 1

function without(view: BatchView, isInside: (row: number) => boolean): BatchView {
  const kept: number[] = []
  for (let row = 0; row < view.sample.rows; row++) if (!isInside(row)) kept.push(row)
  return viewOf(view, takeRows(view.sample, kept))
}

const withoutColumn = (view: BatchView, column: string): BatchView =>
  viewOf(view, {
    ...view.sample,
    columns: view.sample.columns.filter((each) => each.column.name !== column),
  })

const viewOf = ({ key, startMs, endMs }: BatchView, sample: RowSample): BatchView =>
  viewBatch({ key, startMs, endMs }, profileSample(sample), sample)
