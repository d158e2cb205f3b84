import { parseSensitivity, type Sensitivity, type SensitivityText } from '../calibration/sensitivity.ts'
import type { BatchListing } from '../data/batch.ts'
import { FiableError } from '../data/errors.ts'
import type { Feedback } from '../data/feedback.ts'
import type { Json } from '../data/json.ts'
import type { OnProgress } from '../data/progress.ts'
import type { Verdict } from '../data/verdict.ts'
import { type Engine, openEngine } from '../engines/duckdb.ts'
import { PASSWORD_FIX, withoutPassword } from '../sources/place-secrets.ts'
import { listActions, recordAction } from '../tracking/actions.ts'
import { listBatches } from '../tracking/batches.ts'
import { type DatasetRecord, declareDataset, listDatasets } from '../tracking/datasets.ts'
import { openStore, type Store } from '../tracking/store.ts'
import type { JudgedBatch } from './baseline.ts'
import {
  type DatasetDeclaration,
  type DatasetInput,
  datasetDeclaration,
  parseDeclaration,
} from './declaration.ts'
import { type Explanation, explainBatch } from './explain.ts'
import {
  checkFeedback,
  type FeedbackAsked,
  type FeedbackGiven,
  feedbackGiven,
  giveFeedback,
} from './feedback.ts'
import {
  checkAction,
  type HandledIncident,
  handleIncidents,
  type IncidentAction,
  storedAction,
} from './incident-actions.ts'
import { incidentsOf } from './incidents.ts'
import { type NextBatch, nextBatch } from './lateness.ts'
import {
  checkDataset,
  decisionsOf,
  loadJudged,
  rootCausesOf,
  type Tuned,
  verdictsOf,
  type Watched,
} from './monitor.ts'
import { type CheckPlan, planCheck } from './plan.ts'
import { rehearse, type Stand, type StoredBatch, storedBatches, storedListings } from './rehearsal.ts'
import { openRowMetrics } from './rehearse-rows.ts'
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
  /** Alerts grouped by cause, newest first, with what people did about them: a replay of stored scores. */
  incidents(): Promise<readonly HandledIncident[]>
  /** Does something about an incident; the id may be shortened. Returns it as it stands then. */
  act(incident: string, action: IncidentAction, author: string): Promise<HandledIncident>
  /** Says what to make of a batch; null takes the feedback in force back, as if never given. */
  giveFeedback(batch: string, feedback: Feedback | null, author: string): Promise<FeedbackGiven>
  /** The same for all batches of an incident. */
  giveIncidentFeedback(incident: string, feedback: Feedback | null, author: string): Promise<FeedbackGiven>
  /** Why a batch was judged so: metrics ranked, rows at fault with SQL; the newest batch by default. */
  explain(batch?: string, limit?: number): Promise<Explanation>
  /** Judged batches in the order of arrival, without their rows. */
  batches(): Promise<readonly StoredBatch[]>
  /** When the next batch is due, and since when it is late; null while that cannot be told. */
  next(): Promise<NextBatch | null>
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
    ...peopleOf(watched, { store, tuned }),
    batches: async () => storedListings(await loadJudged(store, watched.id)),
    next: async () => nextBatch(await listBatches(store.db, watched.id), Date.now()),
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
      const rows = await openRowMetrics(store, watched.id)
      try {
        yield* rehearse(batches, await inForce(), rows.of)
      } finally {
        await rows.release()
      }
    },
  }
}

type PeopleSide = Pick<Dataset, 'incidents' | 'act' | 'giveFeedback' | 'giveIncidentFeedback' | 'explain'>

/** What people see of incidents, and what they do about them. */
function peopleOf(
  { id: datasetId, name, declaration }: Watched,
  { store, tuned }: { readonly store: Store; readonly tuned: () => Promise<Tuned> },
): PeopleSide {
  const place = { db: store.db, datasetId }
  const look = async () => {
    const judged = await loadJudged(store, datasetId)
    const derived = incidentsOf(name, judged, decisionsOf(await tuned(), judged))
    const actions = await listActions(store.db, datasetId)
    return { judged, incidents: handleIncidents(derived, { actions, judged, nowMs: Date.now() }) }
  }
  const give = async (asked: FeedbackAsked, judged: readonly JudgedBatch[]): Promise<FeedbackGiven> => {
    const records = checkFeedback(name, judged, asked)
    await giveFeedback(place, asked, { records, nowMs: Date.now() })
    return feedbackGiven(asked, records, await loadJudged(store, datasetId))
  }
  return {
    incidents: async () => [...(await look()).incidents].reverse(),
    async act(id, action, author) {
      const incident = incidentWithId(name, (await look()).incidents, id)
      const nowMs = Date.now()
      checkAction(action, nowMs)
      const value = storedAction(incident, action)
      await recordAction(store.db, {
        ...{ datasetId, kind: action.kind, incident: incident.id, value },
        ...{ author, createdMs: nowMs },
      })
      return incidentWithId(name, (await look()).incidents, incident.id)
    },
    giveFeedback: async (batch, feedback, author) =>
      give({ batches: [batch], incident: null, feedback, author }, await loadJudged(store, datasetId)),
    async giveIncidentFeedback(id, feedback, author) {
      const { judged, incidents } = await look()
      const incident = incidentWithId(name, incidents, id)
      return give({ batches: incident.batches, incident, feedback, author }, judged)
    },
    async explain(batch, limit) {
      const { judged, incidents } = await look()
      const asked = { incidents, ...(batch === undefined ? {} : { batch }), ...(limit ? { limit } : {}) }
      return explainBatch({ ...(await tuned()), declaration }, judged, asked)
    },
  }
}

/** Hex digits of an incident's id that must be given. */
const SHORTEST_ID = 4

const isNamed = (incident: HandledIncident, id: string): boolean =>
  incident.id === id || (id.length >= SHORTEST_ID && incident.id.startsWith(id))

/** The incident of that id, which may be shortened to four digits. */
export function incidentWithId(
  where: string,
  incidents: readonly HandledIncident[],
  id: string,
): HandledIncident {
  const found = incidents.filter((incident) => isNamed(incident, id))
  if (found.length === 1) return found[0]!
  throw new FiableError(
    'NOT_FOUND',
    found.length > 1
      ? `${found.length} incidents of ${where} begin with ${id}: ${found.map((each) => each.id).join(', ')}.`
      : `There is no incident ${id} in ${where} under the sensitivity in force.`,
    found.length > 1 ? 'Give more of its digits.' : 'Choose one that `fiable incidents --all` lists.',
  )
}

/** The dataset that has the incident of that id, with the incident. */
export async function datasetWithIncident(
  project: Project,
  id: string,
): Promise<{ readonly dataset: Dataset; readonly incident: HandledIncident }> {
  const all = await project.datasets()
  const incidents = (await Promise.all(all.map((dataset) => dataset.incidents()))).flat()
  const where = all.map(({ name }) => name).join(', ') || 'any dataset'
  const incident = incidentWithId(where, incidents, id)
  return { dataset: all.find(({ name }) => name === incident.dataset)!, incident }
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
