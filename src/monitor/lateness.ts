import { quantile } from '../math/quantile.ts'
import type { BatchRecord } from '../tracking/batches.ts'

/** What of a judged batch tells when it came. */
export interface Arrival {
  readonly listing: Pick<BatchRecord['listing'], 'startMs' | 'modifiedMs'>
  readonly judgedMs: number
  /** Spoiled on purpose when not null: such a batch came from nowhere. */
  readonly label: string | null
}

/** When the batch after the newest is due, by how earlier ones came. */
export interface NextBatch {
  /** Epoch ms by which it should be there. */
  readonly dueMs: number
  /** `dueMs` when that is over, else null. */
  readonly lateSinceMs: number | null
}

/** Gaps between arrivals looked back on. */
const GAPS = 120
/** Gaps from which on they tell of the next. */
const ENOUGH = 5
/** Share of the usual gap that is soon: nobody calls that late, and what comes sooner after another comes with it. */
const SOON = 0.1

/**
 * Says when the next batch is due: as long after the newest was judged as gaps between arrivals have been at most, bar outliers.
 *
 * Gaps are those that followed arrivals on the same day of the week, once there are enough, so that a weekend without batches
 * is none. Only batches that came one by one count: files brought all at once, or one file cut by its dates, tell nothing.
 *
 * @param arrivals - In the order of arrival.
 * @returns null when too little is known, or when the newest came longer before it was judged: an archive is not late.
 * @see Tukey (1977), Exploratory Data Analysis, the outer fence.
 */
export function nextBatch(arrivals: readonly Arrival[], nowMs: number): NextBatch | null {
  const came = arrivals.filter(({ label }) => label === null)
  const newest = came.at(-1)
  if (!newest) return null
  const gaps = gapsOf(came).slice(-GAPS)
  const alike = gaps.filter(({ day }) => day === dayOf(arrivedMs(newest)))
  const usual = (alike.length >= ENOUGH ? alike : gaps).map(({ gapMs }) => gapMs)
  if (usual.length < ENOUGH) return null
  const patienceMs = longest(usual)
  if (newest.judgedMs > arrivedMs(newest) + patienceMs) return null
  const dueMs = newest.judgedMs + patienceMs
  return { dueMs, lateSinceMs: nowMs > dueMs ? dueMs : null }
}

/** When a batch came: its last change at the source, else when it was judged. */
const arrivedMs = ({ listing, judgedMs }: Arrival): number => listing.modifiedMs ?? judgedMs

const dayOf = (epochMs: number): number => new Date(epochMs).getUTCDay()

interface Gap {
  readonly gapMs: number
  /** Day of the week on which it began. */
  readonly day: number
}

function gapsOf(came: readonly Arrival[]): readonly Gap[] {
  const gaps = came.slice(1).flatMap((batch, i) => {
    const before = came[i]!
    const gapMs = arrivedMs(batch) - arrivedMs(before)
    return gapMs >= spanBetween(before, batch) / 2 ? [{ gapMs, day: dayOf(arrivedMs(before)) }] : []
  })
  const long = gaps.map(({ gapMs }) => gapMs).sort((a, b) => b - a)[ENOUGH - 1] ?? Infinity
  return gaps.filter(({ gapMs }) => gapMs > 0 && gapMs >= SOON * long)
}

/** Time from the start of one batch to that of the next; 0 when they have no dates. */
const spanBetween = (before: Arrival, batch: Arrival): number =>
  batch.listing.startMs === null || before.listing.startMs === null
    ? 0
    : batch.listing.startMs - before.listing.startMs

/** The longest gap that is no outlier. */
function longest(gaps: readonly number[]): number {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((p) => quantile(gaps, p)) as [number, number, number]
  return Math.max(quantile(gaps, 0.95), high + 3 * (high - low)) + SOON * middle
}
