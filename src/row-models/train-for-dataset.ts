import { FiableError } from '../data/errors.ts'
import type { GivenSettings } from '../data/params.ts'
import type { RowSample } from '../data/profile.ts'
import type { OnProgress } from '../data/progress.ts'
import { takeSample } from '../detectors/rows/take-sample.ts'
import { trainRowModel } from '../detectors/rows/train-row-model.ts'
import type { Engine } from '../engines/duckdb.ts'
import { random, sampleWithoutReplacement } from '../math/random.ts'
import type { OpenSession } from '../onnx/session.ts'
import { readSample, writeSample } from '../profile/sample-file.ts'
import { type BatchRecord, listBatches } from '../tracking/batches.ts'
import { type ModelVersion, registerModelVersion } from '../tracking/models.ts'
import type { Store } from '../tracking/store.ts'
import { checkpointFile } from './checkpoint-file.ts'
import { stackSamples } from './stack-samples.ts'

/** Rows learnt from at most, and cells: the newest batches count as much as the oldest. */
const MOST_ROWS = 200_000
const MOST_CELLS = 2e7

export interface TrainingContext {
  readonly store: Store
  readonly engine: Engine
  readonly openSession: OpenSession
  readonly dataset: { readonly id: number; readonly name: string }
  readonly now: () => number
  /** Version of Fiable. */
  readonly version: string
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
}

export interface TrainingRequest {
  readonly members?: readonly string[]
  readonly settings?: Readonly<Record<string, GivenSettings>>
  readonly seed?: string
  readonly description?: string
  readonly owner?: string
  readonly labels?: Readonly<Record<string, string>>
}

/**
 * Trains a row model on the kept samples of the batches held for normal, and registers it as a new version.
 *
 * Killed, it goes on from its last checkpoint when started again with the same batches and request.
 *
 * @throws FiableError TOO_FEW_BATCHES when no batch is held for normal; whatever `trainRowModel` refuses.
 */
export async function trainForDataset(
  context: TrainingContext,
  request: TrainingRequest = {},
): Promise<ModelVersion> {
  const { store, dataset } = context
  const members = (await listBatches(store.db, dataset.id)).filter(
    ({ inBaseline, rows }) => inBaseline && rows > 0,
  )
  if (members.length === 0) throw nothingNormal(dataset.name)
  const seed = request.seed ?? '1'
  const reference = await readReference(context, members, seed)
  const training = { samples: members.map(({ sampleDigest }) => sampleDigest), request: { ...request, seed } }
  const checkpoint = checkpointFile(store.folder, dataset.id, JSON.parse(JSON.stringify(training)))
  const trained = await trainRowModel(reference, {
    ...request,
    seed,
    name: `${dataset.name}-rows`,
    version: context.version,
    openSession: context.openSession,
    resume: await checkpoint.read(),
    onCheckpoint: checkpoint.write,
    ...(context.onProgress ? { onProgress: context.onProgress } : {}),
    ...(context.signal ? { signal: context.signal } : {}),
  })
  const { metadata } = trained
  const version = await registerModelVersion(store.db, {
    datasetId: dataset.id,
    name: metadata.name,
    description: metadata.description,
    owner: metadata.owner,
    uri: `artifact:${await store.artifacts.put(trained.file)}`,
    keptDigest: trained.kept && (await storeSample(context, trained.kept)),
    modelType: metadata.model_type,
    trainingFramework: metadata.training_framework,
    hyperparameters: metadata.hyperparameters,
    labels: metadata.labels,
    lastSlot: members.at(-1)!.slot,
    createdMs: context.now(),
  })
  await checkpoint.remove()
  return version
}

/** The kept samples, thinned alike so that all of them together stay within bounds. */
async function readReference(
  { store, engine, onProgress }: TrainingContext,
  members: readonly BatchRecord[],
  seed: string,
): Promise<RowSample> {
  const draw = random(`${seed} reference`)
  const samples: RowSample[] = []
  for (const [i, { sampleDigest }] of members.entries()) {
    onProgress?.({ stage: 'reading the batches', done: i, total: members.length })
    const sample = await readSample(engine, store.artifacts.pathOf(sampleDigest))
    const most = Math.min(MOST_ROWS, Math.floor(MOST_CELLS / Math.max(1, sample.columns.length)))
    const share = Math.max(1, Math.floor(most / members.length))
    samples.push(
      sample.rows <= share ? sample : takeSample(sample, sampleWithoutReplacement(sample.rows, share, draw)),
    )
  }
  return stackSamples(samples)
}

async function storeSample({ store, engine }: TrainingContext, sample: RowSample): Promise<string> {
  const file = store.artifacts.scratch('.parquet')
  await writeSample(engine, sample, file)
  return store.artifacts.adopt(file)
}

const nothingNormal = (name: string) =>
  new FiableError(
    'TOO_FEW_BATCHES',
    `No judged batch of ${name} is held for normal: there is nothing to learn from.`,
    'Run `fiable check` first, on batches that are as they should be.',
  )
