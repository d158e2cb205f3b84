import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { SCORER_VERSION, type TableScorerState } from '../detectors/table-scorer.ts'
import { type CountTable, packTable, unpackTable } from '../profile/count-table.ts'
import { HISTORY_VERSION, type History } from '../profile/history.ts'
import type { Store } from '../tracking/store.ts'

/** A history and what the scorer learnt, with the ids of the batches folded into both, in order. */
export interface FoldedHistory {
  readonly batchIds: readonly number[]
  readonly history: History
  readonly learnt: TableScorerState
}

const fileOf = (store: Store, datasetId: number): string =>
  path.join(store.folder, `history-${datasetId}.cache`)

/**
 * Reads what is cached, when it is of this version and folds a prefix of the wanted batches; null otherwise.
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
  if (cached?.history.version !== HISTORY_VERSION || cached.learnt?.version !== SCORER_VERSION) return null
  const isPrefix =
    cached.batchIds.length <= wantedIds.length && cached.batchIds.every((id, i) => id === wantedIds[i])
  return isPrefix ? cached : null
}

function parse(bytes: Buffer): FoldedHistory | null {
  try {
    return withTables(deserialize(bytes) as FoldedHistory, unpackTable)
  } catch {
    return null
  }
}

type ChangeTable = (table: CountTable) => CountTable

/** Every count table changed; the scorer has none. */
const withTables = ({ history, ...rest }: FoldedHistory, change: ChangeTable): FoldedHistory => ({
  ...rest,
  history: mapTables(history, change) as History,
})

/** A copy of plain data in which every count table is changed. */
function mapTables(data: unknown, change: ChangeTable): unknown {
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data)) return data
  if (isCountTable(data)) return change(data)
  if (Array.isArray(data)) return data.map((each) => mapTables(each, change))
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, mapTables(value, change)]))
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, mapTables(value, change)]))
}

const isCountTable = (data: object): data is CountTable =>
  'keys' in data && data.keys instanceof Float64Array && 'budget' in data

/** Writes the cache, atomically; tables go without their free slots. */
export async function writeCachedHistory(
  store: Store,
  datasetId: number,
  folded: FoldedHistory,
): Promise<void> {
  const file = fileOf(store, datasetId)
  const part = `${file}.${process.pid}.part`
  try {
    await writeFile(part, serialize(withTables(folded, packTable)))
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}
