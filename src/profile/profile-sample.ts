import {
  type ColumnProfile,
  PROFILE_VERSION,
  type Profile,
  type RowSample,
  type SampleColumn,
} from '../data/profile.ts'
import { columnProfile } from './column-profile.ts'
import { countRows, type RowCounts } from './row-keys.ts'
import { sampleFacts } from './value-facts.ts'

/** Tag of row keys made here, from the stable hashes of the values: not comparable with those of a scan. */
export const SAMPLE_ROW_HASH = 'fiable-1'

/** What the rows know beyond their values, when they come straight from a scan. */
export interface ScannedRows {
  /** Hash of each row as words low, high …; reordered. Shape [2 × rows]. */
  readonly rowWords: Uint32Array
  readonly rowHash: string
  /** Per column, rows coded null whose value could not be read as the expected type. */
  readonly invalid: readonly number[]
}

/**
 * The profile of a sample, or of some of its rows, as if they were a batch.
 *
 * Values that a scan found invalid are nulls to a sample. Row keys are of this sample's own hash.
 *
 * @param rows - Row numbers, each below `sample.rows`; a repeated one counts twice. All rows by default.
 */
export function profileSample(sample: RowSample, rows?: Uint32Array | readonly number[]): Profile {
  const chosen = rows ?? Uint32Array.from({ length: sample.rows }, (_, i) => i)
  return assemble(sample, chosen, { ...countRows(rowWordsOf(sample, chosen)), rowHash: SAMPLE_ROW_HASH })
}

/** The profile of all rows of a sample some of whose columns were profiled already, among as many rows and columns. */
export function profileSampleAgain(
  sample: RowSample,
  known: ReadonlyMap<SampleColumn, ColumnProfile>,
): Profile {
  const rows = Uint32Array.from({ length: sample.rows }, (_, i) => i)
  const rowCounts = { ...countRows(rowWordsOf(sample, rows)), rowHash: SAMPLE_ROW_HASH }
  return assemble(sample, rows, rowCounts, { known })
}

/** The profile of a batch all of whose rows are in the sample. */
export function profileWhole(sample: RowSample, scanned: ScannedRows): Profile {
  const rows = Uint32Array.from({ length: sample.rows }, (_, i) => i)
  const rowCounts = { ...countRows(scanned.rowWords), rowHash: scanned.rowHash }
  return assemble(sample, rows, rowCounts, { invalid: scanned.invalid })
}

function assemble(
  sample: RowSample,
  rows: Uint32Array | readonly number[],
  rowCounts: RowCounts & { readonly rowHash: string },
  {
    invalid = [],
    known,
  }: { readonly invalid?: readonly number[]; readonly known?: ReadonlyMap<SampleColumn, ColumnProfile> } = {},
): Profile {
  const columns = sample.columns.map((sampleColumn, c) => {
    const profiled = known?.get(sampleColumn)
    if (profiled) return profiled
    const { counts, occurring } = countCodes(sampleColumn, rows)
    const bad = invalid[c] ?? 0
    const tally = {
      facts: sampleFacts(sampleColumn),
      counts: counts.subarray(1),
      occurring,
      nulls: counts[0]! - bad,
      invalid: bad,
    }
    return columnProfile(sampleColumn.column, tally, sample.columns.length)
  })
  return { version: PROFILE_VERSION, rows: rows.length, columns, ...rowCounts }
}

/** Counts of the column at hand, by code: overwritten by the next. */
let scratch = new Uint32Array(0)

/**
 * Rows per code, where slot 0 counts the nulls, and the positions of the values that occurred, ascending by value.
 *
 * The counts hold until the next call. Few rows of a long dictionary cost what the rows do.
 */
function countCodes(
  sampleColumn: SampleColumn,
  rows: Uint32Array | readonly number[],
): { readonly counts: Uint32Array; readonly occurring: Uint32Array } {
  const { codes, values } = sampleColumn
  if (scratch.length <= values.length) scratch = new Uint32Array(2 * values.length + 1)
  const counts = scratch.subarray(0, values.length + 1).fill(0)
  const { order, rank } = sampleFacts(sampleColumn)
  const ranks = new Uint32Array(Math.min(rows.length, values.length))
  let size = 0
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!
    if (counts[code]!++ === 0 && code !== 0) ranks[size++] = rank![code - 1]!
  }
  const occurring = ranks.subarray(0, size).sort()
  for (let k = 0; k < size; k++) occurring[k] = order![occurring[k]!]!
  return { counts, occurring }
}

/** Combines the value hashes of each row, column after column, into 64 bits. */
function rowWordsOf(sample: RowSample, rows: Uint32Array | readonly number[]): Uint32Array {
  const words = new Uint32Array(2 * rows.length)
  for (const sampleColumn of sample.columns) {
    const { hashes } = sampleFacts(sampleColumn)
    for (let i = 0; i < rows.length; i++) {
      const code = sampleColumn.codes[rows[i]!]!
      combine(words, 2 * i, code === 0 ? 0 : hashes[2 * code - 2]!, code === 0 ? 0 : hashes[2 * code - 1]!)
    }
  }
  return words
}

/** Mixes one more 64-bit hash into the one at `words[at]`; order matters. */
export function combine(words: Uint32Array, at: number, low: number, high: number): void {
  const mixedLow = Math.imul(words[at]! ^ low, 0x9e3779b1)
  const mixedHigh = Math.imul(words[at + 1]! ^ high, 0x85ebca77)
  words[at] = mixedLow ^ (mixedHigh >>> 15)
  words[at + 1] = mixedHigh ^ (mixedLow >>> 13)
}
