import { FiableError } from '../data/errors.ts'
import type { RowModel } from '../detectors/rows/row-model.ts'
import type { OpenSession } from '../onnx/session.ts'
import type { ModelVersion } from '../tracking/models.ts'
import { CHAMPION, listVersions, PRODUCTION, type RegisteredVersion } from '../tracking/registry.ts'
import type { Store } from '../tracking/store.ts'

/** Name under which the row model of a dataset is registered. */
export const rowModelName = (dataset: string): string => `${dataset}-rows`

/**
 * The version that judges the rows of a dataset: what was deployed as `production`, else the champion, else the newest; null
 * when none was trained.
 */
export async function modelInService(store: Store, datasetId: number): Promise<RegisteredVersion | null> {
  const versions = await listVersions(store.db, datasetId)
  const named = (alias: string): RegisteredVersion | undefined =>
    versions.find(({ aliases }) => aliases.includes(alias))
  return named(PRODUCTION) ?? named(CHAMPION) ?? versions[0] ?? null
}

/**
 * Loads a model version from the store; most datasets have none, and a check of them does without the code as well.
 *
 * @throws FiableError STORE_CORRUPT, MALFORMED_FILE or UNSUPPORTED_FORMAT.
 */
export async function loadModel(
  store: Store,
  { uri }: Pick<ModelVersion, 'uri'>,
  openSession: OpenSession,
): Promise<RowModel> {
  const { openRowModel } = await import('../detectors/rows/row-model.ts')
  return openRowModel(await store.artifacts.get(uri.replace('artifact:', '')), openSession)
}

/** The error for a dataset without a row model. */
export const noModel = (dataset: string): FiableError =>
  new FiableError('NOT_FOUND', `${dataset} has no row model.`, `Train one with \`fiable train ${dataset}\`.`)
