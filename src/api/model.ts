import { parseSensitivity, type Sensitivity, type SensitivityText } from '../calibration/sensitivity.ts'
import { FiableError } from '../data/errors.ts'
import type { Verdict } from '../data/verdict.ts'
import type { JudgedBatch } from '../monitor/baseline.ts'
import { type HandledIncident, handleIncidents } from '../monitor/incident-actions.ts'
import { type Incident, incidentsOf } from '../monitor/incidents.ts'
import { type NextBatch, nextBatch } from '../monitor/lateness.ts'
import { decisionsOf, loadJudged, type Tuned, verdictsOf } from '../monitor/monitor.ts'
import {
  type BrokenDataset,
  type Dataset,
  datasetNamed,
  incidentWithId,
  type Project,
} from '../monitor/project.ts'
import { type SeriesHistory, seriesHistories } from '../monitor/series-history.ts'
import { type WhatIf, whatIf } from '../monitor/what-if.ts'
import { lastActionId, listActions } from '../tracking/actions.ts'

/** While batches arrive, a dataset is read again at most this often. */
const FRESH_MS = 1000

interface Cached {
  readonly stamp: string
  readonly readAt: number
  readonly judged: readonly JudgedBatch[]
  readonly verdicts: readonly Verdict[]
  readonly tuned: Tuned
  series: readonly SeriesHistory[] | null
  incidents: readonly Incident[] | null
}

/** Judged batches of each dataset, read from the store when they changed. */
export interface Model {
  datasets(): Promise<readonly Dataset[]>
  /** Those whose stored declaration cannot be read. */
  brokenDatasets(): Promise<readonly BrokenDataset[]>
  /** Throws NOT_FOUND naming the known ones. */
  dataset(name: string): Promise<Dataset>
  /** Reads the dataset again at the next question: something was just changed. */
  forget(name: string): void
  /** In force now. */
  sensitivity(name: string): Promise<Sensitivity>
  verdicts(name: string): Promise<readonly Verdict[]>
  verdict(name: string, batch: string): Promise<Verdict>
  series(name: string): Promise<readonly SeriesHistory[]>
  /** When the next batch is due; null while that cannot be told. */
  next(name: string): Promise<NextBatch | null>
  /** Newest first, those that are over included. */
  incidents(name: string): Promise<readonly HandledIncident[]>
  /** Throws NOT_FOUND. */
  incident(name: string, id: string): Promise<HandledIncident>
  whatIf(name: string, asked: SensitivityText): Promise<WhatIf>
}

export function createModel(project: Project, now: () => number): Model {
  const { db } = project.store
  const cache = new Map<string, Cached>()
  const read = async (name: string, freshMs = FRESH_MS): Promise<{ dataset: Dataset; cached: Cached }> => {
    const dataset = await datasetNamed(project, name)
    const known = cache.get(name)
    if (known && now() - known.readAt < freshMs) return { dataset, cached: known }
    const stamp = await stampOf(project, dataset)
    const cached =
      known?.stamp === stamp
        ? { ...known, readAt: now() }
        : await load(project, dataset, { stamp, readAt: now() })
    cache.set(name, cached)
    return { dataset, cached }
  }
  const incidents = async (name: string): Promise<readonly HandledIncident[]> => {
    // What people just did must show at once.
    const { dataset, cached } = await read(name, 0)
    const { tuned, judged } = cached
    cached.incidents ??= incidentsOf(name, judged, decisionsOf(tuned, judged))
    const actions = await listActions(db, dataset.id)
    return [...handleIncidents(cached.incidents, { actions, judged, nowMs: now() })].reverse()
  }
  return {
    incidents,
    forget: (name) => void cache.delete(name),
    sensitivity: async (name) => (await read(name)).cached.tuned.sensitivity,
    incident: async (name, id) => incidentWithId(name, await incidents(name), id),
    async whatIf(name, asked) {
      const after = parseSensitivity(asked)
      const { tuned, judged } = (await read(name, 0)).cached
      return whatIf(judged, { before: tuned.sensitivity, after })
    },
    datasets: () => project.datasets(),
    brokenDatasets: () => project.brokenDatasets(),
    dataset: (name) => datasetNamed(project, name),
    verdicts: async (name) => (await read(name)).cached.verdicts,
    async verdict(name, batch) {
      const find = async (freshMs?: number): Promise<Verdict | undefined> =>
        (await read(name, freshMs)).cached.verdicts.find((verdict) => verdict.batch === batch)
      // The event stream tells of a batch the moment it is stored: it may be newer than what was read last.
      const found = (await find()) ?? (await find(0))
      if (!found)
        throw new FiableError(
          'NOT_FOUND',
          `${name} has no judged batch ${batch}.`,
          'Choose one of the batches listed for the dataset.',
        )
      return found
    },
    next: async (name) =>
      nextBatch(
        (await read(name)).cached.judged.map(({ record }) => record),
        now(),
      ),
    async series(name) {
      const { cached } = await read(name)
      return (cached.series ??= seriesHistories(cached.tuned, cached.judged))
    },
  }
}

async function load(
  { store }: Project,
  dataset: Dataset,
  at: Pick<Cached, 'stamp' | 'readAt'>,
): Promise<Cached> {
  const judged = await loadJudged(store, dataset.id)
  const tuned = { name: dataset.name, sensitivity: await dataset.sensitivity() }
  return { ...at, judged, verdicts: verdictsOf(tuned, judged), series: null, incidents: null, tuned }
}

/** Changes with every batch judged (again) or moved in or out of the baseline, every action of people, and the sensitivity. */
async function stampOf({ store }: Project, { id, sensitivity }: Dataset): Promise<string> {
  const row = await store.db
    .selectFrom('batch')
    .select((select) => [
      select.fn.max('id').as('last'),
      select.fn.sum('in_baseline').as('baseline'),
      select.fn.countAll().as('count'),
    ])
    .where('dataset_id', '=', id)
    .executeTakeFirst()
  return JSON.stringify([row, await lastActionId(store.db, id), await sensitivity()])
}
