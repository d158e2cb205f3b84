import type { Frame, Metric } from '../data/metric.ts'
import type { RowSample, SampleColumn } from '../data/profile.ts'
import { kthLargest } from '../math/rank.ts'
import { rankCorrelation } from './coded-ranks.ts'
import { addCount, type CountTable, countOf, countTable, isKept, placeOf, reserve } from './count-table.ts'
import { correlation, type Draft, framed, level, novelty, onPair, rate, upward } from './draft.ts'
import { groupCoherence } from './group-coherence.ts'
import type { History } from './history.ts'
import { dependencyViolation, type Joint } from './joint.ts'
import { inFrame } from './number-frame.ts'
import { classPairNovelty, classPairs, learnClassPairs, nullsAgainstGroup } from './pair-classes.ts'
import { headToPair, selectPairs, WARM_UP_BATCHES } from './pair-selection.ts'
import { VALUE_CLASSES } from './value-class.ts'
import type { BatchView } from './view.ts'

const PAIR_BUDGET = 1 << 15
const RESIDUALS = 4096

/** What the past taught about one ordered pair of columns. */
export interface PairState {
  readonly from: string
  readonly to: string
  /** Rows per (from, to); sampled by `from`, so that kept groups are whole. */
  readonly joint: CountTable
  /**
   * Per `from`: its rows, the rows of its most frequent `to`, and the mean of a numeric `to` on its frame, plus OFFSET
   * so that it is never 0, which is "none".
   */
  readonly groups: CountTable
  /** Rows per combination of value classes; kept by one of two pairs of the same columns. */
  readonly classes: CountTable
  /** Absolute residuals of recent rows from those means. */
  residuals: Float64Array
}

/** Columns of `PairState.groups`. */
const ROWS = 0
const TOP_ROWS = 1
const MEAN = 2

export interface PairHistory {
  pairs: readonly PairState[]
  /** Heads of the samples of the first batches, kept until the pairs are chosen for good. */
  warmUp: RowSample[]
  selectedAt: number
}

/** Keeps means away from the 0 that a table takes for "absent". */
const OFFSET = 1000

const pairState = ({ from, to }: { readonly from: string; readonly to: string }): PairState => ({
  from,
  to,
  joint: countTable(PAIR_BUDGET),
  groups: countTable(PAIR_BUDGET, 3),
  classes: countTable(VALUE_CLASSES * VALUE_CLASSES),
  residuals: new Float64Array(0),
})

/** Hash of a pair whose low 20 bits are those of `from`: sampling pairs by level keeps whole groups. */
function pairKey(from: number, to: number): number {
  const mixed =
    (Math.imul((from * 2 ** -20) | 0, 0x85ebca6b) ^
      Math.imul(to | 0, 0xc2b2ae35) ^
      Math.imul((to * 2 ** -21) | 0, 0x27d4eb2f)) >>>
    0
  return mixed * 0x100000 + (from & 0xfffff)
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
  const joint = batch.joint(state.from, state.to)
  if (!from?.sample || !to?.sample || !joint) return null
  const isNumber = to.profile.column.storage === 'number'
  return {
    state,
    from: from.sample,
    to: to.sample,
    fromHashes: from.sampleHashes,
    toHashes: to.sampleHashes,
    joint,
    frame: isNumber ? (history.columns.get(state.to)?.numbers?.frame ?? null) : null,
  }
}

/** Whether columns still go together as they did: dependencies, known pairs, residuals, rank correlation. */
export function pairMetrics(batch: BatchView, history: History): Metric[] {
  const metrics: Metric[] = []
  for (const state of history.pairs.pairs) {
    const pair = viewPair(batch, history, state)
    if (pair)
      metrics.push(
        ...onPair(state.from, state.to, [
          ...classDrafts(pair, history),
          ...(pair.joint.rows > 0 ? pairDrafts(pair) : []),
        ]),
      )
  }
  return metrics
}

function classDrafts({ state, from, to }: PairView, history: History): Draft[] {
  const drafts = nullsAgainstGroup(from, to)
  return isFirstOfTwo(state, history)
    ? [...drafts, ...classPairNovelty(state.classes, classPairs(from, to))]
    : drafts
}

/** Classes say the same in both directions: when both are watched, the first in name speaks. */
const isFirstOfTwo = ({ from, to }: PairState, { pairs }: History): boolean =>
  from < to || !pairs.pairs.some((other) => other.from === to && other.to === from)

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
    if (!isKept(key, state.joint.level) || !isKept(a, state.groups.level)) continue
    const rows = joint.counts[i]!
    const fromRows = countOf(state.groups, a, ROWS)
    const pairRows = countOf(state.joint, key)
    kept += rows
    if (pairRows === 0 && fromRows > 0) unseen += rows
    if (fromRows < KNOWN_ROWS) continue
    known += rows
    surprise += rows * Math.min(3, Math.max(0, -Math.log10((pairRows + 0.5) / (fromRows + 1))))
    if (countOf(state.groups, a, TOP_ROWS) >= 0.95 * fromRows && pairRows < 0.02 * fromRows + 0.5)
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
  const drafts = [level('groupCoherence', groupCoherence(pair.from, pair.to), pair.joint.rows)]
  const past = pair.state.residuals
  const { distances, rows, total } = residualsOf(pair)
  if (past.length < 100 || total === 0) return drafts
  const far = kthLargest(past, past.length - Math.floor(0.995 * (past.length - 1))) + 0.02
  let sum = 0
  let beyond = 0
  for (let i = 0; i < distances.length; i++) {
    sum += rows[i]! * distances[i]!
    if (distances[i]! > far) beyond += rows[i]!
  }
  return [
    ...drafts,
    framed('meanResidual', sum / total, { center: 0, spread: 1e-2 }, total),
    novelty('farResidualFraction', beyond / total, total),
  ]
}

/** Absolute distances of `to` from the past mean of its `from`, on the frame, each with its rows. */
interface Residuals {
  readonly distances: Float64Array
  readonly rows: Uint32Array
  readonly total: number
}

function residualsOf({ state, fromHashes, to, joint, frame }: PairView): Residuals {
  const distances = new Float64Array(joint.counts.length)
  const rows = new Uint32Array(joint.counts.length)
  let size = 0
  let total = 0
  for (let i = 0; i < joint.counts.length; i++) {
    const a = fromHashes[joint.from[i]!]!
    const past = countOf(state.groups, a, MEAN)
    if (past === 0 || countOf(state.groups, a, ROWS) < 3) continue
    const distance = Math.abs(inFrame(frame!, to.values[joint.to[i]! - 1] as number) - (past - OFFSET))
    if (!Number.isFinite(distance)) continue
    distances[size] = distance
    rows[size++] = joint.counts[i]!
    total += joint.counts[i]!
  }
  return { distances: distances.subarray(0, size), rows: rows.subarray(0, size), total }
}

function numericPairDrafts({ from, to, state, joint }: PairView): Draft[] {
  if (from.column.storage !== 'number' || to.column.storage !== 'number' || state.from > state.to) return []
  if (joint.rows < 5) return []
  let greater = 0
  let equal = 0
  for (let i = 0; i < joint.counts.length; i++) {
    const a = from.values[joint.from[i]! - 1]!
    const b = to.values[joint.to[i]! - 1]!
    if (a > b) greater += joint.counts[i]!
    if (a === b) equal += joint.counts[i]!
  }
  return [
    correlation('rankCorrelation', rankCorrelation(from, to).correlation, joint.rows),
    rate('greaterFraction', greater / joint.rows, joint.rows),
    rate('equalFraction', equal / joint.rows, joint.rows),
  ]
}

/** Folds a batch into the pairs; chooses them on the first batches. */
export function learnPairs(history: History, batch: BatchView): void {
  chooseAgain(history, batch)
  for (const state of history.pairs.pairs) {
    const pair = viewPair(batch, history, state)
    if (!pair) continue
    learnPair(pair)
    if (isFirstOfTwo(state, history)) learnClassPairs(state.classes, classPairs(pair.from, pair.to))
  }
}

function chooseAgain(history: History, batch: BatchView): void {
  const { pairs } = history
  if (pairs.selectedAt >= WARM_UP_BATCHES) return
  pairs.selectedAt = Math.max(pairs.selectedAt, history.batches)
  pairs.warmUp.push(headToPair(batch.sample))
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
  reserve(state.joint, joint.counts.length)
  reserve(state.groups, joint.fromRows.length)
  if (pair.frame) learnResiduals(pair)
  for (let code = 1; code < joint.fromRows.length; code++)
    if (joint.fromRows[code]! > 0) addCount(state.groups, fromHashes[code]!, joint.fromRows[code]!)
  for (let i = 0; i < joint.counts.length; i++) {
    const a = fromHashes[joint.from[i]!]!
    const at = placeOf(state.joint, pairKey(a, toHashes[joint.to[i]!]!))
    if (at < 0) continue
    const rows = (state.joint.sums[at]! += joint.counts[i]!)
    const group = placeOf(state.groups, a)
    if (group >= 0 && rows > state.groups.sums[group + TOP_ROWS]!) state.groups.sums[group + TOP_ROWS] = rows
  }
}

function learnResiduals(pair: PairView): void {
  const { state, fromHashes } = pair
  state.residuals = recent(state.residuals, spread(residualsOf(pair), 1000))
  const { sums, rows } = groupSums(pair)
  for (let code = 1; code < rows.length; code++) {
    const group = rows[code]! > 0 ? placeOf(state.groups, fromHashes[code]!) : -1
    if (group < 0) continue
    const past = state.groups.sums[group + MEAN]!
    const mean = sums[code]! / rows[code]! + OFFSET
    const weight = past === 0 ? 0 : Math.min(50, state.groups.sums[group + ROWS]!)
    state.groups.sums[group + MEAN] = past + ((mean - past) * rows[code]!) / (weight + rows[code]!)
  }
}

/** Per code of `from`, the sum of `to` on its frame, and the rows it is over: those with a finite number. */
function groupSums({ from, to, joint, frame }: PairView): { sums: Float64Array; rows: Float64Array } {
  const sums = new Float64Array(from.values.length + 1)
  const rows = new Float64Array(from.values.length + 1)
  for (let i = 0; i < joint.counts.length; i++) {
    const value = inFrame(frame!, to.values[joint.to[i]! - 1] as number)
    if (!Number.isFinite(value)) continue
    sums[joint.from[i]!]! += joint.counts[i]! * value
    rows[joint.from[i]!]! += joint.counts[i]!
  }
  return { sums, rows }
}

/** The residuals of at most so many rows, every n-th. */
function spread({ distances, rows, total }: Residuals, most: number): number[] {
  const step = Math.max(1, Math.ceil(total / most))
  const taken: number[] = []
  let below = 0
  for (let i = 0; i < distances.length; i++) {
    below += rows[i]!
    while (taken.length * step < below) taken.push(distances[i]!)
  }
  return taken
}

function recent(past: Float64Array, fresh: readonly number[]): Float64Array {
  const kept = past.subarray(Math.max(0, past.length + fresh.length - RESIDUALS))
  const all = new Float64Array(kept.length + fresh.length)
  all.set(kept)
  all.set(fresh, kept.length)
  return all
}
