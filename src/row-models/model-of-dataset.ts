import { FiableError } from '../data/errors.ts'
import { openRowModel, type RowModel } from '../detectors/rows/row-model.ts'
import type { OpenSession } from '../onnx/session.ts'
import { listModelVersions, type ModelVersion } from '../tracking/models.ts'
import type { Store } from '../tracking/store.ts'

/** The newest row model of a dataset, null when none was trained. */
export const newestModel = async (store: Store, datasetId: number): Promise<ModelVersion | null> =>
  (await listModelVersions(store.db, datasetId))[0] ?? null

/** Loads a model version from the store. @throws FiableError STORE_CORRUPT, MALFORMED_FILE or UNSUPPORTED_FORMAT. */
export async function loadModel(
  store: Store,
  { uri }: ModelVersion,
  openSession: OpenSession,
): Promise<RowModel> {
  return openRowModel(await store.artifacts.get(uri.replace('artifact:', '')), openSession)
}

/** The error for a dataset without a row model. */
export const noModel = (dataset: string): FiableError =>
  new FiableError('NOT_FOUND', `${dataset} has no row model.`, `Train one with \`fiable train ${dataset}\`.`)
