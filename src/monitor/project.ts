import { parseSensitivity, type Sensitivity, type SensitivityText } from '../calibration/sensitivity.ts'
import type { BatchListing } from '../data/batch.ts'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import type { OnProgress } from '../data/progress.ts'
import type { Verdict } from '../data/verdict.ts'
import { type Engine, openEngine } from '../engines/duckdb.ts'
import { PASSWORD_FIX, withoutPassword } from '../sources/place-secrets.ts'
import { type DatasetRecord, declareDataset, listDatasets } from '../tracking/datasets.ts'
import { openStore, type Store } from '../tracking/store.ts'
import {
  type DatasetDeclaration,
  type DatasetInput,
  datasetDeclaration,
  parseDeclaration,
} from './declaration.ts'
import { checkDataset, loadJudged, rootCausesOf, type Tuned, verdictsOf, type Watched } from './monitor.ts'
import { type CheckPlan, planCheck } from './plan.ts'
import { rehearse, type Stand, type StoredBatch, storedBatches, storedListings } from './rehearsal.ts'
import type { RootCause } from './root-cause.ts'
import { type SeriesHistory, seriesHistories } from './series-history.ts'
import {
  bringDeclared,
  type Setting,
  sensitivityInForce,
  setSensitivity,
  settingOfVersion,
  settingsOf,
} from './settings.ts'
import { type WhatIf, whatIf } from './what-if.ts'

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
  /**
   * Declares a dataset, or changes what it declares.
   *
   * `${NAME}` in `data` is stored as such and stands for a variable of the environment whenever the source opens. A
   * password written out in a URL is used by the dataset returned, and not stored.
   */
  dataset(name: string, declaration: DatasetInput): Promise<Dataset>
  /** All datasets whose stored declaration is valid. */
  datasets(): Promise<readonly Dataset[]>
  /** The others, each with what is wrong. */
  brokenDatasets(): Promise<readonly BrokenDataset[]>
  close(): Promise<void>
}

/** A dataset whose stored declaration is not valid; declare it again to mend it. */
export interface BrokenDataset {
  readonly name: string
  readonly error: FiableError
}

/** One dataset under watch. */
export interface Dataset extends Watched {
  /** What was decided on the user's behalf when it was declared. */
  readonly notices: readonly string[]
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
  /** How sensitive the monitor is at this moment. */
  sensitivity(): Promise<Sensitivity>
  /** All versions of the sensitivity, the one in force first: who set it, and when. */
  settings(): Promise<readonly Setting[]>
  /** What another sensitivity would have made of the whole history: a replay of stored scores. */
  whatIf(asked: SensitivityText): Promise<WhatIf>
  /** Puts a sensitivity in force, at once for every process that watches this dataset. */
  tune(asked: SensitivityText, author: string): Promise<Sensitivity>
  /** Puts an earlier version in force again, as a new one. */
  revert(version: number, author: string): Promise<Sensitivity>
  /**
   * What would make a judged batch normal again: the rows or the column to take out, the most convincing first; empty
   * when nothing would.
   */
  rootCauses(batch: string): Promise<readonly RootCause[]>
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
  const wrap = (watched: Watched, notices: readonly string[] = []): Dataset =>
    datasetOf(watched, { store, startedEngine, baseFolder: options.baseFolder ?? process.cwd(), notices })
  return {
    store,
    async dataset(name, input) {
      const declaration = parseDeclaration(datasetDeclaration, input, `The declaration of ${name}`)
      const kept = withoutPasswords(declaration)
      const record = await declareDataset(store.db, { name, declaration: kept as Json }, Date.now())
      await bringDeclared({ db: store.db, datasetId: record.id }, declaration, Date.now())
      const notices = kept === declaration ? [] : [passwordNotice(name)]
      return wrap({ id: record.id, name, declaration }, notices)
    },
    async datasets() {
      return (await listDatasets(store.db))
        .map(readRecord)
        .flatMap((read) => ('error' in read ? [] : [wrap(read)]))
    },
    async brokenDatasets() {
      return (await listDatasets(store.db)).map(readRecord).flatMap((read) => ('error' in read ? [read] : []))
    },
    async close() {
      if (engine) (await engine).close()
      await store.close()
    },
  }
}

function readRecord({ id, name, declaration }: DatasetRecord): Watched | BrokenDataset {
  try {
    const where = `The stored declaration of ${name}`
    return { id, name, declaration: parseDeclaration(datasetDeclaration, declaration, where) }
  } catch (error) {
    if (error instanceof FiableError) return { name, error }
    throw error
  }
}

/** The declaration to store: itself when no password is written out in it. */
function withoutPasswords(declaration: DatasetDeclaration): DatasetDeclaration {
  const given = [declaration.data].flat()
  const kept = given.map(withoutPassword)
  if (kept.every((place, i) => place === given[i])) return declaration
  return { ...declaration, data: typeof declaration.data === 'string' ? kept[0]! : kept }
}

const passwordNotice = (name: string): string =>
  `The password in the URL of ${name} is used now and not stored: later runs will not have it. ${PASSWORD_FIX}`

const engineOptions = ({ threads, memoryMb }: OpenOptions) => ({
  ...(threads ? { threads } : {}),
  ...(memoryMb ? { memoryMb } : {}),
})

interface Surroundings {
  readonly store: Store
  readonly startedEngine: () => Promise<Engine>
  readonly baseFolder: string
  readonly notices: readonly string[]
}

function datasetOf(watched: Watched, { store, startedEngine, baseFolder, notices }: Surroundings): Dataset {
  const place = { db: store.db, datasetId: watched.id }
  const inForce = (): Promise<Sensitivity> => sensitivityInForce(place, watched.declaration)
  const tuned = async (): Promise<Tuned> => ({ name: watched.name, sensitivity: await inForce() })
  return {
    ...watched,
    notices,
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
    verdicts: async () => verdictsOf(await tuned(), await loadJudged(store, watched.id)),
    series: async () => seriesHistories(await tuned(), await loadJudged(store, watched.id)),
    rootCauses: async (batch) =>
      rootCausesOf(
        { store, engine: await startedEngine(), dataset: await tuned(), datasetId: watched.id },
        batch,
      ),
    batches: async () => storedListings(await loadJudged(store, watched.id)),
    sensitivity: inForce,
    settings: () => settingsOf(place),
    async whatIf(asked) {
      const after = parseSensitivity(asked)
      return whatIf(await loadJudged(store, watched.id), { before: await inForce(), after })
    },
    async tune(asked, author) {
      const sensitivity = parseSensitivity(asked)
      await setSensitivity(place, sensitivity, { author, nowMs: Date.now() })
      return sensitivity
    },
    async revert(version, author) {
      const { sensitivity } = await settingOfVersion(place, version)
      await setSensitivity(place, sensitivity, { author, nowMs: Date.now() })
      return sensitivity
    },
    async *rehearse(options = {}) {
      const judged = await loadJudged(store, watched.id)
      const batches = storedBatches({ store, engine: await startedEngine(), ...options }, judged)
      yield* rehearse(batches, await inForce())
    },
  }
}

/** The dataset of that name. */
export async function datasetNamed(project: Project, name: string): Promise<Dataset> {
  const all = await project.datasets()
  const found = all.find((dataset) => dataset.name === name)
  if (found) return found
  const broken = (await project.brokenDatasets()).find((dataset) => dataset.name === name)
  if (broken) throw broken.error
  const known = all.map((dataset) => dataset.name).join(', ') || 'none'
  throw new FiableError(
    'NOT_FOUND',
    `There is no dataset ${name}; known: ${known}.`,
    'Choose one of the known names, or declare it in fiable.yaml.',
  )
}
