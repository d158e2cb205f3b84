import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { HISTORY_VERSION, type History } from '../profile/history.ts'
import type { Store } from '../tracking/store.ts'

/** A history with the ids of the batches folded into it, in order. */
export interface FoldedHistory {
  readonly batchIds: readonly number[]
  readonly history: History
}

const fileOf = (store: Store, datasetId: number): string =>
  path.join(store.folder, `history-${datasetId}.cache`)

/**
 * Reads the cached history, when it is of this version and folds a prefix of the wanted batches; null otherwise.
 *
 * It is a cache: absent, outdated or damaged, it is rebuilt from the stored profiles and samples.
 */
export async function readCachedHistory(
  store: Store,
  datasetId: number,
  wantedIds: readonly number[],
): Promise<FoldedHistory | null> {
  const bytes = await readFile(fileOf(store, datasetId)).catch(() => null)
  const cached = bytes && parse(bytes)
  if (!cached || cached.history.version !== HISTORY_VERSION) return null
  const isPrefix =
    cached.batchIds.length <= wantedIds.length && cached.batchIds.every((id, i) => id === wantedIds[i])
  return isPrefix ? cached : null
}

function parse(bytes: Buffer): FoldedHistory | null {
  try {
    return deserialize(bytes) as FoldedHistory
  } catch {
    return null
  }
}

/** Writes the cache, atomically. */
export async function writeCachedHistory(
  store: Store,
  datasetId: number,
  folded: FoldedHistory,
): Promise<void> {
  const file = fileOf(store, datasetId)
  const part = `${file}.${process.pid}.part`
  try {
    await writeFile(part, serialize(folded))
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}
