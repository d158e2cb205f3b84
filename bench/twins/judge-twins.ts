import type { RowSample } from '../../src/data/profile.ts'
import { createRehearsal, type Rehearsed } from '../../src/monitor/rehearsal.ts'
import { type AverageKnn, fitAverageKnn } from '../peers/average-knn.ts'
import { type Job, jobsOf, type TwinTable } from './job.ts'
import { type Keep, unpack } from './keep.ts'
import {
  COUNT_ENTRY,
  cleanEntry,
  type KeptBatch,
  type KeptTwin,
  type KeptTwins,
  seedsAt,
  type TwinPlan,
  twinsEntry,
} from './measure-twins.ts'

/** What a judge says of one batch. */
export interface Said {
  readonly isAlert: boolean
  /** Score over threshold. */
  readonly ratio: number
}

/** A clean batch, judged by the monitor and by the peer. */
export interface CleanJudged {
  readonly ours: Said
  readonly peer: Said
  /** False when not even the worst batch would have rung. */
  readonly canRing: boolean
}

/** A twin, judged by the monitor and by the peer. */
export interface TwinJudged {
  readonly job: Job
  readonly magnitude: number
  readonly hasEffect: boolean
  readonly ours: Said
  readonly peer: Said
  readonly isDimensionNamed: boolean
  readonly isColumnInTop3: boolean
  /** Whether its columns depended on another, as far as the batches before tell. */
  readonly isDependent: boolean
}

/** A twin has effect when more than this share of its rows really changed. */
const EFFECT = 0.005
/** Lift from which a column counts as dependent on another. */
const DEPENDENT = 0.5
/** False alarms asked for, per batch. */
export const ASKED = 0.01

/** Judges kept measurements with the scorer and the controller as they are now: seconds, no rows are read. */
export function judgeTwins(
  table: TwinTable,
  first: RowSample,
  { plan, keep }: { readonly plan: TwinPlan; readonly keep: Keep },
): { readonly clean: readonly CleanJudged[]; readonly twins: readonly TwinJudged[] } {
  const rehearsal = createRehearsal({ alerts: ASKED * table.batchesAWeek, per: 'week' })
  rehearsal.start(first)
  const jobs = jobsOf(table)
  const lifts = createLifts()
  const vectors: Float64Array[] = []
  const clean: CleanJudged[] = []
  const twins: TwinJudged[] = []
  const count = keep.read<number>(COUNT_ENTRY)
  for (let place = 0; place < count; place++) {
    const kept = keep.read<KeptBatch>(cleanEntry(place))
    const { key, startMs } = kept
    const batch = { listing: { key, startMs, endMs: null }, inBaseline: true }
    const ours = rehearsal.judge(batch, unpack(kept.clean, kept.constants))
    if (place >= plan.from) {
      const peer = fitAverageKnn(vectors)
      const peerClean = saidByPeer(peer, kept.peer)
      clean.push({ ours: saidByUs(ours), peer: peerClean, canRing: ours.canRing })
      for (const seed of seedsAt(place, plan)) {
        const { constants, twins: all } = keep.read<KeptTwins>(twinsEntry(place, seed))
        for (const twin of all) {
          const said = twin.packed ? rehearsal.judge(batch, unpack(twin.packed, constants)) : ours
          twins.push({
            ...aboutTwin(twin, jobs, said),
            peer: twin.peer ? saidByPeer(peer, twin.peer) : peerClean,
            isDependent: jobs[twin.job]!.columns.every((column) => lifts.mean(column) > DEPENDENT),
          })
        }
      }
    }
    rehearsal.pass(batch, ours)
    lifts.learn(kept.lifts)
    vectors.push(kept.peer)
  }
  return { clean, twins }
}

function aboutTwin(
  { job: place, magnitude, changed }: KeptTwin,
  jobs: readonly Job[],
  said: Rehearsed,
): Omit<TwinJudged, 'peer' | 'isDependent'> {
  const job = jobs[place]!
  return {
    job,
    magnitude,
    hasEffect: changed > EFFECT,
    ours: saidByUs(said),
    isDimensionNamed: said.dimensions.includes(job.corruption.dimension!),
    isColumnInTop3: said.columns.slice(0, 3).some((column) => job.columns.includes(column)),
  }
}

const saidByUs = ({ isAlert, nats, threshold }: Rehearsed): Said => ({
  isAlert,
  ratio: nats / threshold,
})

function saidByPeer({ score, threshold }: AverageKnn, vector: Float64Array): Said {
  const distance = score(vector)
  return { isAlert: distance > threshold, ratio: distance / threshold }
}

/** Mean lift per column over the batches so far. */
function createLifts(): {
  mean(column: string): number
  learn(lifts: ReadonlyMap<string, number>): void
} {
  const sums = new Map<string, number>()
  let batches = 0
  return {
    mean: (column) => (sums.get(column) ?? 0) / Math.max(1, batches),
    learn(lifts) {
      batches++
      for (const [column, lift] of lifts) sums.set(column, (sums.get(column) ?? 0) + lift)
    },
  }
}
