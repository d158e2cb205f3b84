import type { Frame, Metric } from '../data/metric.ts'
import type { SampleColumn } from '../data/profile.ts'
import { spearman } from '../math/rank.ts'
import { addCount, type CountTable, countOf, countTable, isKept, setCount } from './count-table.ts'
import { correlation, type Draft, framed, level, novelty, onPair, rate, upward } from './draft.ts'
import { groupCoherence } from './group-coherence.ts'
import type { History } from './history.ts'
import { bothFilled, dependencyViolation, type Joint, jointOf } from './joint.ts'
import { inFrame } from './number-frame.ts'
import { selectPairs, WARM_UP_BATCHES } from './pair-selection.ts'
import type { BatchView } from './view.ts'

const PAIR_BUDGET = 1 << 15
const RESIDUALS = 4096

/** What the past taught about one ordered pair of columns. */
export interface PairState {
  readonly from: string
  readonly to: string
  /** Rows per (from, to); sampled by `from`, so that kept groups are whole. */
  readonly joint: CountTable
  readonly fromRows: CountTable
  /** Per `from`, rows of its most frequent `to`. */
  readonly topRows: CountTable
  /** Per `from`, the mean of a numeric `to` on its frame, plus OFFSET so that it is never 0; empty otherwise. */
  readonly means: CountTable
  /** Absolute residuals of recent rows from those means. */
  residuals: number[]
}

export interface PairHistory {
  pairs: readonly PairState[]
  /** Samples of the first batches, kept until the pairs are chosen for good. */
  warmUp: BatchView['sample'][]
  selectedAt: number
}

/** Keeps means away from the 0 that a table takes for "absent". */
const OFFSET = 1000

const pairState = ({ from, to }: { readonly from: string; readonly to: string }): PairState => ({
  from,
  to,
  joint: countTable(PAIR_BUDGET),
  fromRows: countTable(PAIR_BUDGET),
  topRows: countTable(PAIR_BUDGET),
  means: countTable(PAIR_BUDGET),
  residuals: [],
})

/** Hash of a pair whose low 20 bits are those of `from`: sampling pairs by level keeps whole groups. */
function pairKey(from: number, to: number): number {
  const low = from % 0x100000
  const a = Math.floor(from / 0x100000)
  const mixed =
    (Math.imul(a | 0, 0x85ebca6b) ^
      Math.imul((to % 0x100000000) | 0, 0xc2b2ae35) ^
      Math.imul(Math.floor(to / 0x200000) | 0, 0x27d4eb2f)) >>>
    0
  return mixed * 0x100000 + low
}

/** One pair in one batch: codes, hashes, joint counts, and the numbers of `to` on their frame when it is numeric. */
interface PairView {
  readonly state: PairState
  readonly from: SampleColumn
  readonly to: SampleColumn
  readonly fromHashes: Float64Array
  readonly toHashes: Float64Array
  readonly joint: Joint
  readonly frame: Frame | null
}

function viewPair(batch: BatchView, history: History, state: PairState): PairView | null {
  const from = batch.columns.get(state.from)
  const to = batch.columns.get(state.to)
  if (!from?.sample || !to?.sample) return null
  const sizes = { from: from.sample.values.length, to: to.sample.values.length }
  const frame =
    to.profile.column.storage === 'number' ? (history.columns.get(state.to)?.numbers?.frame ?? null) : null
  const joint = jointOf(from.sample.codes, to.sample.codes, sizes)
  return {
    state,
    from: from.sample,
    to: to.sample,
    fromHashes: from.sampleHashes,
    toHashes: to.sampleHashes,
    joint,
    frame,
  }
}

/** Whether columns still go together as they did: dependencies, known pairs, residuals, rank correlation. */
export function pairMetrics(batch: BatchView, history: History): Metric[] {
  const metrics: Metric[] = []
  for (const state of history.pairs.pairs) {
    const pair = viewPair(batch, history, state)
    if (pair && pair.joint.rows > 0) metrics.push(...onPair(state.from, state.to, pairDrafts(pair)))
  }
  return metrics
}

function pairDrafts(pair: PairView): Draft[] {
  const { violation, repeated } = dependencyViolation(pair.joint)
  return [
    rate('dependencyViolationFraction', violation, repeated),
    ...jointNovelty(pair),
    ...residualDrafts(pair),
    ...numericPairDrafts(pair),
  ]
}

/** A `from` seen this often has a distribution of `to` worth comparing with. */
const KNOWN_ROWS = 5
/** Rows with a known `from` below which their mean surprise is mostly chance. */
const TELLING_ROWS = 100

function jointNovelty({ state, fromHashes, toHashes, joint }: PairView): Draft[] {
  let kept = 0
  let unseen = 0
  let contradicting = 0
  let surprise = 0
  let known = 0
  for (let i = 0; i < joint.counts.length; i++) {
    const a = fromHashes[joint.from[i]!]!
    const key = pairKey(a, toHashes[joint.to[i]!]!)
    if (!isKept(key, state.joint.level) || !isKept(a, state.fromRows.level)) continue
    const rows = joint.counts[i]!
    const fromRows = countOf(state.fromRows, a)
    const pairRows = countOf(state.joint, key)
    kept += rows
    if (pairRows === 0 && fromRows > 0) unseen += rows
    if (fromRows < KNOWN_ROWS) continue
    known += rows
    surprise += rows * Math.min(3, Math.max(0, -Math.log10((pairRows + 0.5) / (fromRows + 1))))
    if (countOf(state.topRows, a) >= 0.95 * fromRows && pairRows < 0.02 * fromRows + 0.5)
      contradicting += rows
  }
  return [
    novelty('unseenPairFraction', unseen / Math.max(1, kept), kept),
    novelty('contradictionFraction', contradicting / Math.max(1, kept), kept),
    upward(level('pairSurprise', known >= TELLING_ROWS ? surprise / known : Number.NaN, known)),
  ]
}

function residualDrafts(pair: PairView): Draft[] {
  if (!pair.frame) return []
  const drafts = [level('groupCoherence', coherenceOf(pair), pair.joint.rows)]
  const residuals = residualsOf(pair)
  if (pair.state.residuals.length < 100 || residuals.length === 0) return drafts
  const sorted = Float64Array.from(pair.state.residuals).sort()
  const far = sorted[Math.floor(0.995 * (sorted.length - 1))]! + 0.02
  const mean = residuals.reduce((sum, residual) => sum + residual, 0) / residuals.length
  const beyond = residuals.filter((residual) => residual > far).length
  return [
    ...drafts,
    framed('meanResidual', mean, { center: 0, spread: 1e-2 }, residuals.length),
    novelty('farResidualFraction', beyond / residuals.length, residuals.length),
  ]
}

/** Absolute distance of each row's `to` from the past mean of its `from`, on the frame. */
function residualsOf({ state, fromHashes, to, joint, frame }: PairView): number[] {
  const residuals: number[] = []
  for (let i = 0; i < joint.counts.length; i++) {
    const a = fromHashes[joint.from[i]!]!
    const past = countOf(state.means, a)
    if (past === 0 || countOf(state.fromRows, a) < 3) continue
    const distance = Math.abs(inFrame(frame!, to.values[joint.to[i]! - 1] as number) - (past - OFFSET))
    for (let row = 0; row < joint.counts[i]!; row++) residuals.push(distance)
  }
  return residuals
}

const coherenceOf = ({ from, to }: PairView): number =>
  groupCoherence(from.codes, to.codes, {
    groups: from.values.length + 1,
    values: to.values as readonly number[],
  })

function numericPairDrafts({ from, to, state }: PairView): Draft[] {
  if (from.column.storage !== 'number' || to.column.storage !== 'number' || state.from > state.to) return []
  const { a, b } = bothFilled(from, to)
  if (a.length < 5) return []
  let greater = 0
  let equal = 0
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) greater++
    if (a[i]! === b[i]!) equal++
  }
  return [
    correlation('rankCorrelation', spearman(a, b), a.length),
    rate('greaterFraction', greater / a.length, a.length),
    rate('equalFraction', equal / a.length, a.length),
  ]
}

/** Folds a batch into the pairs; chooses them on the first batches. */
export function learnPairs(history: History, batch: BatchView): void {
  chooseAgain(history, batch)
  for (const state of history.pairs.pairs) {
    const pair = viewPair(batch, history, state)
    if (pair) learnPair(pair)
  }
}

function chooseAgain(history: History, batch: BatchView): void {
  const { pairs } = history
  if (pairs.selectedAt >= WARM_UP_BATCHES) return
  pairs.selectedAt = Math.max(pairs.selectedAt, history.batches)
  pairs.warmUp.push(batch.sample)
  const kept = new Map(pairs.pairs.map((state) => [`${state.from}\0${state.to}`, state]))
  const isFinal = history.batches >= WARM_UP_BATCHES
  if (history.batches === 1 || isFinal)
    pairs.pairs = selectPairs(pairs.warmUp).map(
      (chosen) => kept.get(`${chosen.from}\0${chosen.to}`) ?? pairState(chosen),
    )
  if (isFinal) pairs.warmUp = []
}

function learnPair(pair: PairView): void {
  const { state, joint, fromHashes, toHashes } = pair
  if (pair.frame) learnResiduals(pair)
  for (let code = 1; code < joint.fromRows.length; code++)
    if (joint.fromRows[code]! > 0) addCount(state.fromRows, fromHashes[code]!, joint.fromRows[code]!)
  for (let i = 0; i < joint.counts.length; i++) {
    const a = fromHashes[joint.from[i]!]!
    const key = pairKey(a, toHashes[joint.to[i]!]!)
    addCount(state.joint, key, joint.counts[i]!)
    const rows = countOf(state.joint, key)
    if (rows > countOf(state.topRows, a)) setCount(state.topRows, a, rows)
  }
}

function learnResiduals(pair: PairView): void {
  const { state, joint, fromHashes, to, frame } = pair
  const fresh = residualsOf(pair)
  const step = Math.max(1, Math.ceil(fresh.length / 1000))
  state.residuals = [...state.residuals, ...fresh.filter((_, i) => i % step === 0)].slice(-RESIDUALS)
  for (let i = 0; i < joint.counts.length; i++) {
    const a = fromHashes[joint.from[i]!]!
    const past = countOf(state.means, a)
    const value = inFrame(frame!, to.values[joint.to[i]! - 1] as number) + OFFSET
    const weight = Math.min(50, countOf(state.fromRows, a))
    setCount(
      state.means,
      a,
      past === 0 ? value : past + ((value - past) * joint.counts[i]!) / (weight + joint.counts[i]!),
    )
  }
}
