import { type PerCase, weighed } from '../math/cases.ts'
import { exceededWithChance } from '../math/exceedance.ts'
import { SURPRISE_CAP } from '../math/surprise.ts'
import { chanceAfter } from './chance.ts'
import { advanceIncidents, type Bar, newsOf, type OpenIncidents, sortColumns } from './incidents.ts'

/** Past scores that set the threshold. */
const WINDOW = 180
/** Batches without a score worth remembering: the first ones rest on the prior. */
const UNSETTLED = 5
/** Batches for which the threshold has a floor, in nats: clean first fortnights rarely reach it, large first faults do. */
export const WARM_UP = 14
const WARM_FLOOR = 9
/** Before any score is remembered good batches reach less: their limits are wide. */
const FIRST_FLOOR = 7.5
/** Alerts in excess of the budget are remembered within these bounds: a larger debt would go blind after real incidents. */
const DEBT_BOUNDS = [-5, 2] as const
/** A budget is taken as at most this fraction of batches: what rings more often than not is no alert. */
const HIGHEST_BUDGET = 0.6
/** What goes to the digest is this much more likely than a page. */
const DIGEST_FACTOR = 3

/** A past score: a batch's cases, to be weighed as today's are; or nats that stay as they were. */
type PastScore = { readonly cases: PerCase } | { readonly nats: number }

/** One budget spent on one stream of scores: those of all columns, or those of one dimension. */
export interface Channel {
  readonly perDay: number
  readonly past: PastScore[]
  readonly open: OpenIncidents
  /** Alerts beyond the budget. */
  debt: number
}

export const createChannel = (perDay: number): Channel => ({ perDay, past: [], open: new Map(), debt: 0 })

/** What a channel looks at: nats by name, and the batch's cases where past scores are to be weighed again. */
export interface Look {
  readonly scores: ReadonlyMap<string, number>
  readonly cases: { readonly strongest: PerCase; readonly worth: PerCase } | null
}

/** What a channel makes of one look. */
export interface Heard extends Bar {
  readonly score: number
  readonly alerting: readonly string[]
  readonly continued: readonly string[]
  /** Below the threshold, but above what three times the budget would set. */
  readonly isWorthReading: boolean
  readonly canRing: boolean
}

/** Compares a look with the past; the channel is not changed. */
export function hear(
  channel: Channel,
  look: Look,
  at: { readonly gap: number; readonly batches: number },
): Heard {
  const { open } = channel
  const budgeted = Math.min(channel.perDay * at.gap, HIGHEST_BUDGET)
  const exceeded = pastQuantiles(channel, look)
  const floor = floorAt(at.batches)
  const threshold = Math.max(exceeded(chanceAfter(budgeted, channel.debt)), floor)
  const digest = Math.max(exceeded(Math.min(DIGEST_FACTOR * budgeted, HIGHEST_BUDGET)), floor)
  const bar = { threshold, usual: exceeded(0.5) }
  const score = newsIn(open, look.scores, bar.usual)
  const sorted = sortColumns(open, look.scores, bar)
  return {
    ...bar,
    ...sorted,
    score,
    isWorthReading: sorted.alerting.length === 0 && score > Math.min(digest, threshold),
    canRing: worstIn(open, look.scores, bar.usual) > threshold,
  }
}

function floorAt(batches: number): number {
  if (batches < UNSETTLED) return FIRST_FLOOR
  return batches < WARM_UP ? WARM_FLOOR : 0
}

function pastQuantiles({ past }: Channel, { cases }: Look): (chance: number) => number {
  const worth = cases?.worth
  const sorted = Float64Array.from(past, (each) =>
    'nats' in each ? each.nats : weighed(each.cases, worth!),
  ).sort()
  return (chance) => exceededWithChance({ sorted, size: sorted.length }, chance)
}

function newsIn(open: OpenIncidents, scores: ReadonlyMap<string, number>, usual: number): number {
  let news = Number.NEGATIVE_INFINITY
  for (const [name, score] of scores) news = Math.max(news, newsOf(open, name, { score, usual }))
  return scores.size === 0 ? 0 : news
}

/** What `newsIn` would be if everything were as surprising as can be. */
function worstIn(open: OpenIncidents, scores: ReadonlyMap<string, number>, usual: number): number {
  let worst = scores.size === 0 ? SURPRISE_CAP : Number.NEGATIVE_INFINITY
  for (const name of scores.keys())
    worst = Math.max(worst, newsOf(open, name, { score: SURPRISE_CAP, usual }))
  return worst
}

/** Moves a channel past a look: incidents, the past, and what was spent in how many days. */
export function advance(
  channel: Channel,
  { look, heard }: { readonly look: Look; readonly heard: Heard },
  at: { readonly days: number; readonly batches: number; readonly isSpent: boolean; readonly isBad: boolean },
): void {
  advanceIncidents(channel.open, look.scores, heard)
  // What bad batches score says nothing of how good ones vary: remembered, it would make the monitor deaf to the next.
  if (at.batches >= UNSETTLED && !at.isBad) {
    const isNews = heard.score < Math.max(0, ...look.scores.values())
    const { cases } = look
    channel.past.push(isNews || !cases ? { nats: heard.score } : { cases: cases.strongest })
    if (channel.past.length > WINDOW) channel.past.shift()
  }
  if (at.batches < WARM_UP) return
  const debt = channel.debt + Number(at.isSpent) - channel.perDay * at.days
  channel.debt = Math.min(Math.max(debt, DEBT_BOUNDS[0]), DEBT_BOUNDS[1])
}
