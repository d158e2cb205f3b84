import { FiableError } from '../data/errors.ts'
import type {
  ColumnProfile,
  Estimate,
  Fingerprint,
  Frequencies,
  Profile,
  TextProfile,
} from '../data/profile.ts'
import { commonValues, mergeFrequencies, patternBudget, valueBudget } from './frequencies.ts'
import { mergeHistograms, mergeNumberProfiles } from './number-merge.ts'
import { mergeRowKeys, noRowKeys } from './row-keys.ts'
import { mergeTimeProfiles } from './time-bins.ts'

/**
 * The profile of the rows of both batches, exactly as if they had been scanned together.
 *
 * Moments agree to rounding. Distinct values and duplicate rows are exact while all values are kept, else unbiased
 * estimates with their standard error. A column that one side lacks, or has in another storage class than the first
 * side, gets no rows from it: its `rows` then stay below the profile's. Row keys of different hashes cannot be
 * compared: they are dropped, `rowHash` becomes `none`, and duplicates across the two sides go unseen.
 *
 * @throws FiableError STORE_NEWER when the profiles are of different versions.
 */
export function mergeProfiles(a: Profile, b: Profile): Profile {
  if (a.version !== b.version)
    throw new FiableError(
      'STORE_NEWER',
      `Profiles of versions ${a.version} and ${b.version} cannot be merged.`,
      'Profile the older batch again with this version of Fiable.',
    )
  const others = new Map(b.columns.map((column) => [column.column.name, column]))
  const own = new Set(a.columns.map((column) => column.column.name))
  const added = b.columns.filter((column) => !own.has(column.column.name))
  const columnCount = a.columns.length + added.length
  const columns = a.columns.map((column) => {
    const other = others.get(column.column.name)
    return other?.column.storage === column.column.storage ? mergeColumns(column, other, columnCount) : column
  })
  return {
    version: a.version,
    rows: a.rows + b.rows,
    columns: [...columns, ...added].map((column) => withinBudget(column, columnCount)),
    ...mergeRowCounts(a, b),
  }
}

function mergeColumns(a: ColumnProfile, b: ColumnProfile, columnCount: number): ColumnProfile {
  return {
    column: a.column,
    rows: a.rows + b.rows,
    nulls: a.nulls + b.nulls,
    invalid: a.invalid + b.invalid,
    distinct: mergeDistinct(a, b),
    frequencies: mergeFrequencies(a.frequencies, b.frequencies, valueBudget(columnCount)),
    fingerprint: mergeFingerprints(a.fingerprint, b.fingerprint),
    number: either(a.number, b.number, mergeNumberProfiles),
    time: either(a.time, b.time, mergeTimeProfiles),
    text: either(a.text, b.text, (x, y) => mergeTexts(x, y, columnCount)),
  }
}

const either = <T>(a: T | null, b: T | null, merge: (a: T, b: T) => T): T | null =>
  a !== null && b !== null ? merge(a, b) : (a ?? b)

/** A column alone on its side still shares the budget of the merged table. */
function withinBudget(column: ColumnProfile, columnCount: number): ColumnProfile {
  if (column.frequencies.values.length <= valueBudget(columnCount)) return column
  const nothing: Frequencies = { level: 0, values: [], counts: [] }
  return { ...column, frequencies: mergeFrequencies(column.frequencies, nothing, valueBudget(columnCount)) }
}

const mergeFingerprints = (a: Fingerprint, b: Fingerprint): Fingerprint =>
  BigInt.asUintN(64, BigInt(`0x${a}`) + BigInt(`0x${b}`))
    .toString(16)
    .padStart(16, '0')

function mergeDistinct(a: ColumnProfile, b: ColumnProfile): Estimate {
  const { common, level } = commonValues(a.frequencies, b.frequencies)
  const hidden = [a, b].map(({ distinct, frequencies }) =>
    frequencies.level === 0 ? Math.max(0, distinct.value - frequencies.values.length) : 0,
  )
  return union(a.distinct, b.distinct, { common, level, hidden: Math.min(...hidden) })
}

/**
 * Size of a union: what each side has, less what they share, which is estimated from the values both kept.
 *
 * Each shared value is kept with probability 2^-level, so `common × 2^level` is unbiased with variance
 * `common × 2^level × (2^level − 1)`; with nothing in common the error is stated as if one value were.
 */
function union(
  a: Estimate,
  b: Estimate,
  shared: { readonly common: number; readonly level: number; readonly hidden: number },
): Estimate {
  const scale = 2 ** shared.level
  const sampling = Math.max(1, shared.common) * scale * (scale - 1)
  return {
    value: a.value + b.value - shared.common * scale,
    standardError: Math.sqrt(a.standardError ** 2 + b.standardError ** 2 + sampling + shared.hidden ** 2),
  }
}

function mergeRowCounts(a: Profile, b: Profile): Pick<Profile, 'duplicateRows' | 'rowKeys' | 'rowHash'> {
  const repeats = {
    value: a.duplicateRows.value + b.duplicateRows.value,
    standardError: Math.hypot(a.duplicateRows.standardError, b.duplicateRows.standardError),
  }
  if (a.rowHash !== b.rowHash) return { duplicateRows: repeats, rowKeys: noRowKeys, rowHash: 'none' }
  const { rowKeys, common, level } = mergeRowKeys(a.rowKeys, b.rowKeys)
  const nothing = { value: 0, standardError: 0 }
  const across = union(nothing, nothing, { common, level, hidden: 0 })
  return {
    duplicateRows: {
      value: repeats.value - across.value,
      standardError: Math.hypot(repeats.standardError, across.standardError),
    },
    rowKeys,
    rowHash: a.rowHash,
  }
}

function mergeTexts(a: TextProfile, b: TextProfile, columnCount: number): TextProfile {
  const lengths = mergeHistograms(
    { index: a.lengths.length, count: a.lengths.count },
    { index: b.lengths.length, count: b.lengths.count },
  )
  return {
    empty: a.empty + b.empty,
    lengths: { length: lengths.index, count: lengths.count },
    characters: {
      upper: a.characters.upper + b.characters.upper,
      lower: a.characters.lower + b.characters.lower,
      digit: a.characters.digit + b.characters.digit,
      space: a.characters.space + b.characters.space,
      other: a.characters.other + b.characters.other,
    },
    patterns: mergeFrequencies(a.patterns, b.patterns, patternBudget(columnCount)),
  }
}
