import type { Engine } from '../engines/duckdb.ts'
import type { DataFile } from './find-files.ts'
import type { Notices } from './notices.ts'

/** One file being brought into Parquet. */
export interface ReadTask {
  readonly engine: Engine
  /** The user's file, as messages name it. */
  readonly file: DataFile
  /** The same rows unpacked: the user's file or a copy. */
  readonly plain: string
  /** Folder for copies made on the way. */
  readonly scratch: string
  /** Parquet file to write. */
  readonly target: string
  readonly notices: Notices
}
