import type { Column } from './column.ts'

/** Version of the stored profile; raised when its meaning changes, so that older ones are read on purpose or refused. */
export const PROFILE_VERSION = 2

/**
 * How often each value occurs, bounded in size.
 *
 * When more than the budget of distinct values occur, only those whose stable hash ends in `level` zero bits are kept:
 * a sample of values, not of rows, with exact counts. `level` is the smallest that fits the budget, so merging two
 * frequencies gives exactly those of the concatenated rows.
 */
export interface Frequencies<Value extends number | string = number | string> {
  readonly level: number
  readonly values: readonly Value[]
  /** Rows per value, same order as `values`. */
  readonly counts: readonly number[]
}

/** Rows by the 64-bit hashes of all their values, bounded as `Frequencies` are. */
export interface RowKeys {
  readonly level: number
  /** The hashes, ascending, each as its low and its high word. Shape [2 × keys]. */
  readonly words: Uint32Array
  /** Rows per hash, in the same order. Shape [keys]. */
  readonly counts: Float64Array
}

/** An exact count (`standardError` 0) or an unbiased estimate of one. */
export interface Estimate {
  readonly value: number
  readonly standardError: number
}

/** Order-insensitive 64-bit sum of value hashes, as 16 hex digits; equal multisets have equal fingerprints. */
export type Fingerprint = string

/**
 * Moments and distribution of the finite numbers of a column; booleans count as 0/1, times as epoch milliseconds.
 *
 * `buckets` are log-linear: the top 18 bits of the IEEE double (sign, exponent, 6 bits of mantissa), so a bucket's
 * middle is within 0.78 % of its values, and bucket counts add up.
 */
export interface NumberProfile {
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Sum of squared deviations from the mean. */
  readonly squares: number
  readonly buckets: { readonly index: readonly number[]; readonly count: readonly number[] }
  /** Values that are NaN or infinite: counted here, left out of all else. */
  readonly nonFinite: number
  /** Values by number of decimals: 0, 1, 2, and 3 or more. */
  readonly decimals: readonly [number, number, number, number]
}

/**
 * Distribution of a time column on aligned linear bins of `2^widthLog2` milliseconds: `widthLog2` is the smallest
 * for which at most 4096 bins are occupied, so merging is exact.
 */
export interface TimeProfile {
  readonly min: number
  readonly max: number
  readonly widthLog2: number
  readonly bins: { readonly index: readonly number[]; readonly count: readonly number[] }
}

/** Shape of the texts of a column. */
export interface TextProfile {
  readonly empty: number
  /** Rows per length in characters (UTF-16 code units); lengths above 4096 count as 4096. */
  readonly lengths: { readonly length: readonly number[]; readonly count: readonly number[] }
  /** Characters by class, over all rows. */
  readonly characters: {
    readonly upper: number
    readonly lower: number
    readonly digit: number
    readonly space: number
    readonly other: number
  }
  /** Rows per run-collapsed mask: `A` upper, `a` lower, `9` digit, `u` non-ASCII, others as themselves; at most 24 long. */
  readonly patterns: Frequencies<string>
}

/** What one scan of one column found. */
export interface ColumnProfile {
  readonly column: Column
  readonly rows: number
  readonly nulls: number
  /** Non-null values that could not be read as the expected type (and are counted nowhere else). */
  readonly invalid: number
  /** Distinct non-null values. */
  readonly distinct: Estimate
  readonly frequencies: Frequencies
  readonly fingerprint: Fingerprint
  readonly number: NumberProfile | null
  readonly time: TimeProfile | null
  readonly text: TextProfile | null
}

/** What is known of one batch, or of several merged: the statistics every metric is computed from. */
export interface Profile {
  readonly version: number
  readonly rows: number
  readonly columns: readonly ColumnProfile[]
  /** Rows that repeat an earlier row of the same batch in every column. */
  readonly duplicateRows: Estimate
  /** Comparable between profiles of the same `rowHash`. */
  readonly rowKeys: RowKeys
  /** Which hash made `rowKeys`, with its version, such as `duckdb-1.5.5`. */
  readonly rowHash: string
}

/**
 * A uniform random sample of the rows of a batch, dictionary-encoded; all rows when the batch is small.
 *
 * Joint statistics (pairs, rules, row models) are computed on it.
 */
export interface RowSample {
  /** Rows in the sample. */
  readonly rows: number
  /** Rows in the batch. */
  readonly of: number
  readonly columns: readonly SampleColumn[]
}

export interface SampleColumn {
  readonly column: Column
  /** Per row: 0 for null, else 1 + the position in `values`. Shape [rows]. */
  readonly codes: Uint32Array
  /** Distinct values: numbers (booleans 0/1, times epoch ms) or texts. */
  readonly values: readonly number[] | readonly string[]
}
