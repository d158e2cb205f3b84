import type { BatchListing, MaterialisedBatch } from '../data/batch.ts'
import type { OnProgress } from '../data/progress.ts'
import type { Engine } from '../engines/duckdb.ts'
import type { Every } from './calendar.ts'

/** Where the batches of a dataset come from, as a user declares it. */
export interface SourceDeclaration {
  /**
   * Files, globs or folders, relative to the context's `baseFolder`; or one `postgresql://…` URL.
   *
   * A path that exists as written is taken literally, even with glob characters in its name.
   */
  readonly data: string | readonly string[]
  /** Column of dates or times that cuts the rows into batches; without it one file is one batch. */
  readonly by?: string
  /** Calendar period of one batch, default `day`. */
  readonly every?: Every
  /** PostgreSQL only: the table, `orders` or `schema.orders`, in its exact case. */
  readonly table?: string
  /** PostgreSQL only: a SELECT, instead of `table`. */
  readonly query?: string
  /** IANA zone whose calendar cuts the batches, default `UTC`. */
  readonly timeZone?: string
}

/** What a source needs around it. */
export interface SourceContext {
  readonly engine: Engine
  /** Folder that relative paths start from. */
  readonly baseFolder: string
  /** Existing folder for copies that live as long as the source. */
  readonly workFolder: string
  readonly onProgress?: OnProgress
}

/** Batches in arrival order, and their rows on demand. Close it. */
export interface Source {
  /** What is read and how it is cut, in one line, never with a password. */
  readonly description: string
  /**
   * What was decided on the user's behalf so far, one sentence each: an encoding guessed, a column kept as text, files
   * passed over, rows without a date. Grows with `list` and `materialise`.
   */
  readonly notices: readonly string[]
  /** Rows that belong to no batch because `by` is null or no date, as of the last `list`. */
  readonly dropped: number
  /**
   * All batches in arrival order; the order of this array is the order of arrival.
   *
   * @param known - Listings seen before, by batch key: spares hashing files whose size and time did not change.
   * @throws FiableError NO_BATCHES, NOT_READABLE, SOURCE_CHANGED; when cut also MALFORMED_FILE, EMPTY_SOURCE,
   * UNKNOWN_COLUMN, NO_DATE_COLUMN; from a database DATABASE_UNREACHABLE, DATABASE_FAILED.
   */
  list(known?: ReadonlyMap<string, BatchListing>): Promise<readonly BatchListing[]>
  /**
   * Brings the rows of one batch into a Parquet file in `folder`, or lends the user's own Parquet file.
   *
   * @throws FiableError SOURCE_CHANGED when the batch is not what was listed, MALFORMED_FILE, EMPTY_SOURCE,
   * UNSUPPORTED_FORMAT, NOT_READABLE, DISK_FULL, DATABASE_UNREACHABLE, DATABASE_FAILED.
   */
  materialise(listing: BatchListing, folder: string): Promise<MaterialisedBatch>
  /** Removes what the source put into the work folder. */
  close(): Promise<void>
}

/** One kind of source: decides whether a declaration is its own, and opens it. */
export interface SourceKind {
  readonly name: string
  readonly summary: string
  accepts(declaration: SourceDeclaration): boolean
  open(declaration: SourceDeclaration, context: SourceContext): Promise<Source>
}

/** The declared data as a list. */
export const dataOf = (declaration: SourceDeclaration): readonly string[] =>
  typeof declaration.data === 'string' ? [declaration.data] : declaration.data

/** The declared places in a few words: all of up to three, else the first and the last. */
export const describePlaces = (places: readonly string[]): string =>
  places.length <= 3 ? places.join(', ') : `${places[0]} … ${places.at(-1)} (${places.length} places)`
