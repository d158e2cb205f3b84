import type { BatchListing } from '../data/batch.ts'
import type { ColumnProfile, Profile, RowSample, SampleColumn } from '../data/profile.ts'
import { hash53 } from './hash53.ts'
import { type Joint, jointOf } from './joint.ts'

/** Everything the metrics of one batch may look at; hashes and joint counts are made when first asked for, and kept. */
export interface BatchView {
  readonly key: string
  readonly startMs: number | null
  readonly endMs: number | null
  readonly profile: Profile
  readonly sample: RowSample
  readonly columns: ReadonlyMap<string, ColumnView>
  /** Rows of the sample per pair of values of two columns; null when one has no sample. */
  joint(from: string, to: string): Joint | null
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
  const { key, startMs, endMs } = listing
  return { key, startMs, endMs, profile, sample, columns, joint: jointsOf(samples) }
}

function viewColumn(profile: ColumnProfile, sample: SampleColumn | null): ColumnView {
  let hashes: Float64Array | undefined
  let sampleHashes: Float64Array | undefined
  return {
    profile,
    sample,
    get hashes() {
      return (hashes ??= hashesOf(profile.frequencies.values, 0))
    },
    get sampleHashes() {
      return (sampleHashes ??= hashesOf(sample?.values ?? [], 1))
    },
  }
}

function hashesOf(values: readonly (number | string)[], offset: number): Float64Array {
  const hashes = new Float64Array(values.length + offset)
  for (let i = 0; i < values.length; i++) hashes[i + offset] = hash53(values[i]!)
  return hashes
}

function jointsOf(samples: ReadonlyMap<string, SampleColumn>): BatchView['joint'] {
  const joints = new Map<string, Joint>()
  return (from, to) => {
    const [a, b] = [samples.get(from), samples.get(to)]
    if (!a || !b) return null
    const key = JSON.stringify([from, to])
    const joint = joints.get(key) ?? jointOf(a, b)
    joints.set(key, joint)
    return joint
  }
}

/** Rows of a column that hold a value. */
export const filledRows = (column: ColumnProfile): number => column.rows - column.nulls - column.invalid
