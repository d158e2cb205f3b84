import { parseAlertBudget } from '../calibration/alert-budget.ts'
import type { BatchListing } from '../data/batch.ts'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import type { OnProgress } from '../data/progress.ts'
import type { Verdict } from '../data/verdict.ts'
import { type Engine, openEngine } from '../engines/duckdb.ts'
import { declareDataset, listDatasets } from '../tracking/datasets.ts'
import { openStore, type Store } from '../tracking/store.ts'
import { type DatasetInput, datasetDeclaration, parseDeclaration } from './declaration.ts'
import { checkDataset, loadJudged, verdictsOf, type Watched } from './monitor.ts'
import { type CheckPlan, planCheck } from './plan.ts'
import { rehearse, type Stand, type StoredBatch, storedBatches, storedListings } from './rehearsal.ts'
import { type SeriesHistory, seriesHistories } from './series-history.ts'

export interface OpenOptions {
  /** Folder of the store, `.fiable` by default; created when absent. */
  readonly store?: string
  /** Folder that relative paths of data start from; the working folder by default. */
  readonly baseFolder?: string
  /** Threads of the data engine, 1–256, default 2. */
  readonly threads?: number
  /** Memory of the data engine in MB, default 1024. */
  readonly memoryMb?: number
}

export interface CheckOptions {
  readonly onProgress?: OnProgress
  /** Called with each verdict as soon as it is stored. */
  readonly onVerdict?: (verdict: Verdict) => void
  /** Told once of each thing decided on the user's behalf. */
  readonly onNotice?: (notice: string) => void
  readonly signal?: AbortSignal
  readonly labelOf?: (listing: BatchListing) => string | null
}

/** A project: datasets under watch in one store. Close it. */
export interface Project {
  readonly store: Store
  /** Declares a dataset, or changes what it declares. */
  dataset(name: string, declaration: DatasetInput): Promise<Dataset>
  datasets(): Promise<readonly Dataset[]>
  close(): Promise<void>
}

/** One dataset under watch. */
export interface Dataset extends Watched {
  /** Absolute path of the folder of its store. */
  readonly store: string
  /** Judges what is new or rewritten, oldest first; returns the verdicts of all batches, in the order of arrival. */
  check(options?: CheckOptions): Promise<readonly Verdict[]>
  /** What a check would read, and about how long it would take; judges nothing. */
  plan(): Promise<CheckPlan>
  /** Verdicts of all judged batches, in the order of arrival: a replay of stored scores, nothing is read. */
  verdicts(): Promise<readonly Verdict[]>
  /** Every metric over time, with the limits it had. */
  series(): Promise<readonly SeriesHistory[]>
  /** Judged batches in the order of arrival, without their rows. */
  batches(): Promise<readonly StoredBatch[]>
  /** Goes through the judged batches so that other rows can be judged in their place; changes nothing. */
  rehearse(options?: Pick<CheckOptions, 'onProgress'>): AsyncGenerator<Stand>
}

/**
 * Opens a project. The data engine starts with the first check, not here.
 *
 * @throws FiableError NOT_READABLE, STORE_NEWER, STORE_CORRUPT, STORE_BUSY or DISK_FULL.
 */
export async function open(options: OpenOptions = {}): Promise<Project> {
  const store = await openStore(options.store ?? '.fiable')
  let engine: Promise<Engine> | undefined
  const startedEngine = (): Promise<Engine> => (engine ??= openEngine(engineOptions(options)))
  const wrap = (watched: Watched): Dataset =>
    datasetOf(watched, { store, startedEngine, baseFolder: options.baseFolder ?? process.cwd() })
  return {
    store,
    async dataset(name, input) {
      const declaration = parseDeclaration(datasetDeclaration, input, `The declaration of ${name}`)
      const record = await declareDataset(store.db, { name, declaration: declaration as Json }, Date.now())
      return wrap({ id: record.id, name, declaration })
    },
    async datasets() {
      const records = await listDatasets(store.db)
      return records.map(({ id, name, declaration }) =>
        wrap({
          id,
          name,
          declaration: parseDeclaration(datasetDeclaration, declaration, `The stored declaration of ${name}`),
        }),
      )
    },
    async close() {
      if (engine) (await engine).close()
      await store.close()
    },
  }
}

const engineOptions = ({ threads, memoryMb }: OpenOptions) => ({
  ...(threads ? { threads } : {}),
  ...(memoryMb ? { memoryMb } : {}),
})

interface Surroundings {
  readonly store: Store
  readonly startedEngine: () => Promise<Engine>
  readonly baseFolder: string
}

function datasetOf(watched: Watched, { store, startedEngine, baseFolder }: Surroundings): Dataset {
  return {
    ...watched,
    store: store.folder,
    check: async (options = {}) =>
      checkDataset({
        store,
        engine: await startedEngine(),
        dataset: watched,
        baseFolder,
        now: Date.now,
        ...options,
      }),
    plan: async () => planCheck({ store, engine: await startedEngine(), dataset: watched, baseFolder }),
    verdicts: async () => verdictsOf(watched, await loadJudged(store, watched.id)),
    series: async () => seriesHistories(watched, await loadJudged(store, watched.id)),
    batches: async () => storedListings(await loadJudged(store, watched.id)),
    async *rehearse(options = {}) {
      const judged = await loadJudged(store, watched.id)
      const batches = storedBatches({ store, engine: await startedEngine(), ...options }, judged)
      yield* rehearse(batches, parseAlertBudget(watched.declaration.atMost))
    },
  }
}

/** The dataset of that name. */
export async function datasetNamed(project: Project, name: string): Promise<Dataset> {
  const all = await project.datasets()
  const found = all.find((dataset) => dataset.name === name)
  if (found) return found
  const known = all.map((dataset) => dataset.name).join(', ') || 'none'
  throw new FiableError(
    'NOT_FOUND',
    `There is no dataset ${name}; known: ${known}.`,
    'Choose one of the known names, or declare it in fiable.yaml.',
  )
}
