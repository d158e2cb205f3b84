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
    const counts = countCodes(sampleColumn.codes, rows, sampleColumn.values.length)
    const bad = invalid[c] ?? 0
    const tally = {
      facts: sampleFacts(sampleColumn),
      counts: counts.subarray(1),
      nulls: counts[0]! - bad,
      invalid: bad,
    }
    return columnProfile(sampleColumn.column, tally, sample.columns.length)
  })
  return { version: PROFILE_VERSION, rows: rows.length, columns, ...rowCounts }
}

/** Rows per code; slot 0 counts the nulls. */
function countCodes(codes: Uint32Array, rows: Uint32Array | readonly number[], values: number): Uint32Array {
  const counts = new Uint32Array(values + 1)
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!
    counts[code] = counts[code]! + 1
  }
  return counts
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
