/** Rows as numbers: what every row detector learns from and scores. */
export interface EncodedRows {
  readonly rows: number
  /** Features per row. */
  readonly width: number
  /** Standardised numbers, NaN where the cell is missing. Shape [rows, width], row-major. */
  readonly features: Float32Array
  /** Per cell of the table: 0 missing, 1 never seen, else the bin or category, below 256. Shape [rows, columns], row-major. */
  readonly codes: Uint8Array
}

/** What the encoding looks like, the same for every batch. */
export interface Encoding {
  /** For each feature, the column it stems from. Shape [width]. */
  readonly columnOf: readonly number[]
  /** For each column, how many codes it has. Shape [columns]. */
  readonly levels: readonly number[]
  /** For each column, whether its codes are categories rather than bins of a number. Shape [columns]. */
  readonly isCategory: readonly boolean[]
  /** For each column, rows that a code is worth before any is seen, where that is not half a row. Shape [columns]. */
  readonly priors: readonly Readonly<Record<number, number>>[]
}

/** Code of a missing cell. */
export const MISSING = 0
/** Code of a category, or of a number above all others, that the reference does not have. */
export const UNSEEN = 1
/** First code of a bin or category. */
export const FIRST_LEVEL = 2

/** Some rows, in the order wanted. */
export function takeEncoded(
  { width, features, codes, rows }: EncodedRows,
  chosen: ArrayLike<number>,
): EncodedRows {
  const columns = rows > 0 ? codes.length / rows : 0
  const taken = {
    rows: chosen.length,
    width,
    features: new Float32Array(chosen.length * width),
    codes: new Uint8Array(chosen.length * columns),
  }
  for (let i = 0; i < chosen.length; i++) {
    const row = chosen[i]!
    taken.features.set(features.subarray(row * width, (row + 1) * width), i * width)
    taken.codes.set(codes.subarray(row * columns, (row + 1) * columns), i * columns)
  }
  return taken
}
