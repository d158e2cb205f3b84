import type { BatchListing } from '../data/batch.ts'
import type { Column } from '../data/column.ts'
import type { Metric } from '../data/metric.ts'
import type { ColumnProfile, Profile, RowSample, SampleColumn } from '../data/profile.ts'
import { emptyHistory, type History, learnBatch, noteArrival } from '../profile/history.ts'
import { measure } from '../profile/measure.ts'
import { type MeasuredBefore, measureChanged, measuredBefore } from '../profile/measure-changed.ts'
import { profileSample, profileSampleAgain } from '../profile/profile-sample.ts'
import { type BatchView, viewBatch } from '../profile/view.ts'
import { type AbsoluteFinding, absoluteFindings } from './absolute-rules.ts'

/** A batch to rehearse: its rows, and whether the monitor learnt it. */
export interface RehearsedBatch {
  readonly listing: Pick<BatchListing, 'key' | 'startMs' | 'endMs'>
  readonly label: string | null
  readonly inBaseline: boolean
  /** Place in the order of arrival, when it is of a store. */
  readonly slot?: number
  /** People know it to be bad: its scores set no threshold. */
  readonly isBad?: boolean
  /** The rows kept of it: all, or a sample of 20,000. */
  readonly sample: RowSample
}

/** What rows measure against a history, before any score is given: no scorer and no budget changes it. */
export interface Measured {
  readonly metrics: readonly Metric[]
  readonly absolute: readonly AbsoluteFinding[]
}

/** One batch, with the history as it stood before it. */
export interface MeasuredBatch {
  readonly batch: RehearsedBatch
  readonly previous: RowSample | null
  /** True until a batch was learnt. */
  readonly isFirst: boolean
  readonly clean: Measured
  /** Measures other rows in its place; nothing is learnt. */
  measure(rows: RowSample): Measured
}

/** Goes through batches in their order, the history learning those of the baseline, and stops at each. */
export async function* measureBatches(batches: AsyncIterable<RehearsedBatch>): AsyncGenerator<MeasuredBatch> {
  const history = emptyHistory()
  let previous: RowSample | null = null
  for await (const batch of batches) {
    const viewed = viewRows(batch, batch.sample, history)
    const clean = measureView(viewed.view, history)
    const before = measuredBefore(clean.metrics)
    yield {
      batch,
      previous,
      isFirst: history.batches === 0,
      clean,
      measure: (rows) =>
        isAlike(rows, batch.sample)
          ? measureAlike(rows, { batch, viewed, before, history })
          : measureView(viewRows(batch, rows, history).view, history),
    }
    if (batch.inBaseline) learnBatch(history, viewed.view)
    if (batch.label === null) noteArrival(history, batch.listing.startMs)
    previous = batch.sample
  }
}

const measureView = (view: BatchView, history: History): Measured => ({
  metrics: measure(view, history),
  absolute: absoluteFindings(view, history),
})

/** A view, and what became in it of the columns as they were given. */
interface Viewed {
  readonly view: BatchView
  readonly given: ReadonlyMap<SampleColumn, ReadColumn>
}

/** Whether rows can be measured by their difference: as many of them, in columns of the same names. */
const isAlike = (rows: RowSample, { rows: count, columns }: RowSample): boolean =>
  rows.rows === count &&
  count > 0 &&
  rows.columns.length === columns.length &&
  rows.columns.every(({ column }, i) => column.name === columns[i]!.column.name)

/** Measures only what differs from the clean batch; columns it shares with it are the same objects. */
function measureAlike(
  rows: RowSample,
  {
    batch,
    viewed,
    before,
    history,
  }: {
    readonly batch: RehearsedBatch
    readonly viewed: Viewed
    readonly before: MeasuredBefore
    readonly history: History
  },
): Measured {
  const { view } = viewRows(batch, rows, history, viewed)
  const changed = new Set(
    rows.columns.filter((column) => !viewed.given.has(column)).map(({ column }) => column.name),
  )
  return {
    metrics: measureChanged(view, history, { columns: changed, before }),
    absolute: absoluteFindings(view, history),
  }
}

/** Rows as a scan would have seen them: columns of another storage are read as the type that history knows. */
function viewRows(
  { listing }: RehearsedBatch,
  rows: RowSample,
  history: History,
  clean: Viewed | null = null,
): Viewed {
  const read = rows.columns.map(
    (column) =>
      clean?.given.get(column) ?? readColumn(column, history.columns.get(column.column.name)?.column),
  )
  const sample = { ...rows, columns: read.map(({ column }) => column) }
  const known = clean ? knownProfiles(clean) : null
  const profile = known ? profileSampleAgain(sample, known) : profileSample(sample)
  const fresh = new Map(
    read.filter(({ column }) => !known?.has(column)).map((of) => [of.column.column.name, of.invalid]),
  )
  const view = viewBatch(listing, withInvalid(profile, fresh), sample)
  return {
    view: clean ? sharing(view, clean, new Set(fresh.keys())) : view,
    given: new Map(rows.columns.map((column, i) => [column, read[i]!])),
  }
}

const knownProfiles = ({ view, given }: Viewed): ReadonlyMap<SampleColumn, ColumnProfile> =>
  new Map([...given.values()].map(({ column }) => [column, view.columns.get(column.column.name)!.profile]))

/** A view that takes over the hashes and joint counts of unchanged columns. */
function sharing(view: BatchView, { view: clean }: Viewed, changed: ReadonlySet<string>): BatchView {
  return {
    ...view,
    columns: new Map(
      [...view.columns].map(([name, column]) => [
        name,
        changed.has(name) ? column : clean.columns.get(name)!,
      ]),
    ),
    joint: (from, to) => (changed.has(from) || changed.has(to) ? view : clean).joint(from, to),
  }
}

/** A column read as history knows it, and the values that could not be. */
interface ReadColumn {
  readonly column: SampleColumn
  readonly invalid: number
}

const readColumn = (column: SampleColumn, expected: Column | undefined): ReadColumn =>
  !expected || expected.storage === column.column.storage ? { column, invalid: 0 } : readAs(column, expected)

/** Parses the texts of a column as numbers or ISO times; those that do not parse are counted and become null. */
function readAs(column: SampleColumn, expected: Column): ReadColumn {
  const parsed = column.values.map((value) => parseAs(value, expected))
  const kept = parsed.map((value, i) => ({ value, i })).filter(({ value }) => value !== null)
  const recode = new Uint32Array(column.values.length + 1)
  for (const [place, { i }] of kept.entries()) recode[i + 1] = place + 1
  const codes = column.codes.map((code) => recode[code]!)
  let invalid = 0
  for (let row = 0; row < codes.length; row++) if (column.codes[row]! > 0 && codes[row] === 0) invalid++
  return {
    column: {
      column: expected,
      codes,
      values: kept.map(({ value }) => value!) as readonly number[] | readonly string[],
    },
    invalid,
  }
}

function parseAs(value: number | string, { storage }: Column): number | string | null {
  if (storage === 'string' || storage === 'nested') return String(value)
  if (storage === 'boolean')
    return value === 'true' || value === 1 ? 1 : value === 'false' || value === 0 ? 0 : null
  const ms =
    storage === 'time' && typeof value === 'string'
      ? Date.parse(/^\d{4}-/.test(value) ? `${value.replace(' ', 'T')}Z` : 'no')
      : Number(value)
  return Number.isFinite(ms) && value !== '' ? ms : null
}

function withInvalid(profile: Profile, unreadable: ReadonlyMap<string, number>): Profile {
  const mend = (column: ColumnProfile): ColumnProfile => {
    const invalid = unreadable.get(column.column.name) ?? 0
    return invalid === 0 ? column : { ...column, invalid, nulls: column.nulls - invalid }
  }
  return { ...profile, columns: profile.columns.map(mend) }
}
