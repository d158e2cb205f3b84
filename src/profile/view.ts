import type { BatchListing } from '../data/batch.ts'
import type { ColumnProfile, Profile, RowSample, SampleColumn } from '../data/profile.ts'
import { hash53 } from './hash53.ts'

/** Everything the metrics of one batch may look at, with value hashes computed once. */
export interface BatchView {
  readonly key: string
  readonly startMs: number | null
  readonly endMs: number | null
  readonly profile: Profile
  readonly sample: RowSample
  readonly columns: ReadonlyMap<string, ColumnView>
}

export interface ColumnView {
  readonly profile: ColumnProfile
  readonly sample: SampleColumn | null
  /** Hashes of `profile.frequencies.values`, same order. */
  readonly hashes: Float64Array
  /** Hashes of `sample.values` by code; position 0 stands for null. */
  readonly sampleHashes: Float64Array
}

/** Prepares a batch for measuring. */
export function viewBatch(
  listing: Pick<BatchListing, 'key' | 'startMs' | 'endMs'>,
  profile: Profile,
  sample: RowSample,
): BatchView {
  const samples = new Map(sample.columns.map((column) => [column.column.name, column]))
  const columns = new Map(
    profile.columns.map((column) => [
      column.column.name,
      viewColumn(column, samples.get(column.column.name) ?? null),
    ]),
  )
  return { key: listing.key, startMs: listing.startMs, endMs: listing.endMs, profile, sample, columns }
}

function viewColumn(profile: ColumnProfile, sample: SampleColumn | null): ColumnView {
  const values = sample?.values ?? []
  const sampleHashes = new Float64Array(values.length + 1)
  for (let i = 0; i < values.length; i++) sampleHashes[i + 1] = hash53(values[i]!)
  return { profile, sample, hashes: Float64Array.from(profile.frequencies.values, hash53), sampleHashes }
}

/** Rows of a column that hold a value. */
export const filledRows = (column: ColumnProfile): number => column.rows - column.nulls - column.invalid
