import {
  type ColumnProfile,
  PROFILE_VERSION,
  type Profile,
  type RowSample,
  type SampleColumn,
} from '../data/profile.ts'
import { countingUp } from '../math/rank.ts'
import { columnProfile, type Tally } from './column-profile.ts'
import { countRows, type RowCounts } from './row-keys.ts'
import { sampleFacts } from './value-facts.ts'

/** Tag of row keys made here, from the stable hashes of the values: not comparable with those of a scan. */
export const SAMPLE_ROW_HASH = 'fiable-1'

/** Row numbers of a sample; a repeated one counts twice. */
type Rows = Uint32Array | readonly number[]

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
export function profileSample(sample: RowSample, rows: Rows = allRows(sample)): Profile {
  return assemble(sample, rows, ofSample(sample, rows))
}

/** The profile of all rows of a sample some of whose columns were profiled already, among as many rows and columns. */
export function profileSampleAgain(
  sample: RowSample,
  known: ReadonlyMap<SampleColumn, ColumnProfile>,
): Profile {
  const rows = allRows(sample)
  return assemble(sample, rows, { ...ofSample(sample, rows), known })
}

/** The profile of a batch all of whose rows are in the sample. */
export function profileWhole(sample: RowSample, { rowWords, rowHash, invalid }: ScannedRows): Profile {
  return assemble(sample, allRows(sample), { rowCounts: countRows(rowWords), rowHash, invalid })
}

const allRows = ({ rows }: RowSample): Uint32Array => countingUp(rows)

/** What is known of rows before their columns are gone through. */
interface Known {
  readonly rowCounts: RowCounts
  readonly rowHash: string
  readonly invalid?: readonly number[]
  /** Columns that were profiled already. */
  readonly known?: ReadonlyMap<SampleColumn, ColumnProfile>
}

const ofSample = (sample: RowSample, rows: Rows): Known => ({
  rowCounts: countRows(rowWordsOf(sample, rows)),
  rowHash: SAMPLE_ROW_HASH,
})

function assemble(
  sample: RowSample,
  rows: Rows,
  { rowCounts, rowHash, invalid = [], known }: Known,
): Profile {
  const columns = sample.columns.map((sampleColumn, c) => {
    const profiled = known?.get(sampleColumn)
    if (profiled) return profiled
    const tally = tallyOf(sampleColumn, rows, invalid[c] ?? 0)
    return columnProfile(sampleColumn.column, tally, sample.columns.length)
  })
  return {
    version: PROFILE_VERSION,
    rows: rows.length,
    columns,
    duplicateRows: rowCounts.duplicateRows,
    get rowKeys() {
      return rowCounts.rowKeys
    },
    rowHash,
  }
}

/** Counts of the column at hand, by code; zeros between calls. */
let scratch = new Uint32Array(0)

/** Counts the values of some rows. Few rows of a long dictionary cost what the rows do. */
function tallyOf(sampleColumn: SampleColumn, rows: Rows, invalid: number): Tally {
  const { facts, order, rank } = sampleFacts(sampleColumn)
  if (scratch.length <= order.length) scratch = new Uint32Array(2 * order.length + 1)
  const occurring = countCodes(sampleColumn.codes, rows, { rank, counts: scratch })
  const nulls = scratch[0]! - invalid
  const counts = new Float64Array(occurring.length)
  scratch[0] = 0
  for (let k = 0; k < occurring.length; k++) {
    const position = order[occurring[k]!]!
    occurring[k] = position
    counts[k] = scratch[position + 1]!
    scratch[position + 1] = 0
  }
  return { facts, occurring, counts, nulls, invalid }
}

/** Adds the rows of each code, 0 being null, to `counts`; the ranks of the values that occur, ascending. */
function countCodes(
  codes: Uint32Array,
  rows: Rows,
  { rank, counts }: { readonly rank: Uint32Array; readonly counts: Uint32Array },
): Uint32Array {
  const ranks = new Uint32Array(Math.min(rows.length, rank.length))
  let size = 0
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!
    if (counts[code]!++ === 0 && code !== 0) ranks[size++] = rank[code - 1]!
  }
  return ranks.slice(0, size).sort()
}

/** Combines the value hashes of each row, column after column, into 64 bits. */
function rowWordsOf(sample: RowSample, rows: Rows): Uint32Array {
  const words = new Uint32Array(2 * rows.length)
  for (const sampleColumn of sample.columns)
    combineColumn(words, rows, { codes: sampleColumn.codes, hashes: sampleFacts(sampleColumn).facts.hashes })
  return words
}

/** Mixes the hashes of one column into those of the rows; that of null is 0. */
function combineColumn(
  words: Uint32Array,
  rows: Rows,
  { codes, hashes }: { readonly codes: Uint32Array; readonly hashes: Uint32Array },
): void {
  for (let i = 0; i < rows.length; i++) {
    const at = 2 * codes[rows[i]!]! - 2
    combine(words, 2 * i, at < 0 ? 0 : hashes[at]!, at < 0 ? 0 : hashes[at + 1]!)
  }
}

/** Mixes one more 64-bit hash into the one at `words[at]`; order matters. */
export function combine(words: Uint32Array, at: number, low: number, high: number): void {
  const mixedLow = Math.imul(words[at]! ^ low, 0x9e3779b1)
  const mixedHigh = Math.imul(words[at + 1]! ^ high, 0x85ebca77)
  words[at] = mixedLow ^ (mixedHigh >>> 15)
  words[at + 1] = mixedHigh ^ (mixedLow >>> 13)
}
