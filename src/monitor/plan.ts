import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { BatchListing } from '../data/batch.ts'
import { quoteText } from '../engines/duckdb.ts'
import { listBatches } from '../tracking/batches.ts'
import { type CheckContext, withSource } from './monitor.ts'

/** What a check would do. */
export interface CheckPlan {
  readonly source: string
  readonly batches: number
  /** Batches that are new or were rewritten. */
  readonly pending: number
  /** Bytes to read; null when the source does not tell. */
  readonly bytes: number | null
  /** Rows to read, estimated from the first megabyte of text files; null when the source does not tell. */
  readonly rows: number | null
  readonly estimatedMs: number | null
}

/** Of a profile with all its metrics on one core of 2020; a plan, not a promise. */
const ROWS_PER_MS = 200
const MS_PER_BATCH = 80
const HEAD_BYTES = 1 << 20

/** Lists what a check would read, without judging. */
export async function planCheck(
  context: Pick<CheckContext, 'store' | 'engine' | 'dataset' | 'baseFolder'>,
): Promise<CheckPlan> {
  const workFolder = await mkdtemp(path.join(tmpdir(), 'fiable-'))
  try {
    return await withSource(context, workFolder, async (source) => {
      const judged = await listBatches(context.store.db, context.dataset.id)
      const known = new Map(judged.map(({ listing }) => [listing.key, listing]))
      const listings = await source.list(known)
      const pending = listings.filter(
        (listing) => known.get(listing.key)?.contentHash !== listing.contentHash,
      )
      const rows = sumOf(await Promise.all(pending.map((listing) => rowsOf(context, listing))))
      const estimatedMs = rows === null ? null : rows / ROWS_PER_MS + pending.length * MS_PER_BATCH
      return {
        source: source.description,
        batches: listings.length,
        pending: pending.length,
        bytes: sumOf(pending.map(({ bytes }) => bytes)),
        rows,
        estimatedMs,
      }
    })
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
}

const sumOf = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0)

async function rowsOf(
  { engine }: Pick<CheckContext, 'engine'>,
  { uri, bytes }: BatchListing,
): Promise<number | null> {
  if (/\.parquet$/i.test(uri)) {
    const [counted] = await engine.query(
      `select sum(num_rows)::double as total from parquet_file_metadata(${quoteText(uri)})`,
    )
    return Number(counted?.total ?? 0)
  }
  return /\.(csv|tsv|ndjson|jsonl)$/i.test(uri) && bytes !== null ? estimateLines(uri, bytes) : null
}

async function estimateLines(file: string, bytes: number): Promise<number> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(Math.min(HEAD_BYTES, bytes)),
      0,
      Math.min(HEAD_BYTES, bytes),
      0,
    )
    const lines = buffer.subarray(0, bytesRead).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0)
    return bytesRead > 0 ? Math.round((lines * bytes) / bytesRead) : 0
  } finally {
    await handle.close()
  }
}
