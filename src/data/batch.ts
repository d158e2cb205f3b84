/** A batch as its source lists it: enough to know whether it was seen, not yet its rows. */
export interface BatchListing {
  /** Unique within the dataset and sortable as text in arrival order: a file name, or an ISO date. */
  readonly key: string
  /** First instant the batch covers (epoch ms), when the source knows it. */
  readonly startMs: number | null
  /** First instant after the batch (epoch ms), when the source knows it. */
  readonly endMs: number | null
  /** Where it came from: a file path, or `postgresql://host/db/table`, never with a password. */
  readonly uri: string
  /** Hex digest of the content: differs when the batch was rewritten. */
  readonly contentHash: string
  /** Size at the source, when known without reading it. */
  readonly bytes: number | null
  /** Instant of last change at the source (epoch ms), when known. */
  readonly modifiedMs: number | null
}

/** A batch brought next to the engine: one Parquet file with all its rows. */
export interface MaterialisedBatch {
  readonly listing: BatchListing
  /** Absolute path of a Parquet file; belongs to the caller's work folder unless `borrowed`. */
  readonly path: string
  /** True when `path` is the user's own file, which must never be deleted or changed. */
  readonly borrowed: boolean
  readonly rows: number
}
