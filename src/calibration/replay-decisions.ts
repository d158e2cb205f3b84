import { type Dimension, dimensions } from '../data/dimension.ts'
import type { PerCase } from '../math/cases.ts'
import { type AlertBudget, alertsPerDay } from './alert-budget.ts'
import { advance, type Channel, createChannel, type Heard, hear, type Look, WARM_UP } from './channel.ts'
import { createPace, type Pace, passTime } from './pace.ts'
import { allowsPage, createPageCap, notePage, type PageCap } from './page-cap.ts'
import { plainSensitivity, restPerDay, type Sensitivity } from './sensitivity.ts'

/** Raised whenever the same scores would be decided differently. */
export const CONTROLLER_VERSION = 2

/** One batch as its scores were stored; nothing in it depends on the budget. */
export interface ScoredBatch {
  readonly startMs: number | null
  /** Nats per column; `''` is the table itself. Empty when nothing was known yet. */
  readonly columns: ReadonlyMap<string, number>
  readonly dimensions: Readonly<Record<Dimension, number>>
  /** The strongest case of each size in any column, and what each size was worth when `columns` were scored. */
  readonly cases: PerCase
  readonly worth: PerCase
  readonly provisional: boolean
  /** An absolute rule fired (schema, empty file …): alerts whatever the score, and does not spend the budget. */
  readonly absolute: boolean
  /** People know the batch to be bad: its scores set no threshold. */
  readonly isBad?: boolean
  /** The table's score with what is below a materiality floor, and which series are, with their floor; none when left out. */
  readonly whole?: number
  readonly belowFloor?: ReadonlyMap<string, number>
}

/** What the sensitivity makes of one batch. */
export interface Decision {
  /** What was decided on. */
  readonly batch: ScoredBatch
  /** A page: somebody is called. */
  readonly alert: boolean
  /** Not a page, but listed in the digest: beyond a cap, of a dimension with a budget of its own, or nearly a page. */
  readonly digest: boolean
  /** Nats above which `score` alerts. */
  readonly threshold: number
  /** Nats that half of the past batches reach. */
  readonly usual: number
  /** Largest column score, of which open incidents count only what they add to their peak, from the usual on. */
  readonly score: number
  /** Columns above the threshold that are news, most surprising first. */
  readonly columns: readonly string[]
  /** Columns whose open incident is as bad as when it was news, without being worse. */
  readonly continued: readonly string[]
  /** Dimensions with a budget of their own that ring. */
  readonly dimensions: readonly Dimension[]
  /** `learning` while there is no past score to compare with, `provisional` for the first 14 batches. */
  readonly state: 'learning' | 'provisional' | 'judged'
  /** False when not even the worst possible batch would exceed the threshold: such a batch was not judged, not "ok". */
  readonly canRing: boolean
  /** Not a page, for no other reason than a materiality floor. */
  readonly isBelowFloor: boolean
}

interface Controller {
  readonly pace: Pace
  /** Of the dimensions that share the budget. */
  readonly rest: Channel
  readonly own: ReadonlyMap<Dimension, Channel>
  readonly cap: PageCap | null
}

/**
 * Decides every batch of a history under a sensitivity: a replay of stored scores, so that it can be changed at any time
 * and the past be told as it would have been.
 *
 * Each batch is decided on the scores before it. The threshold is the score exceeded with the chance that the budget
 * allows, steered by what was spent or saved so far. The same input gives the same bits on every machine.
 *
 * Holds the mean rate within about 20 % from some two months on; it is an aim, not a guarantee. It is also spent on good
 * batches when there are no bad ones: warn of a budget above a quarter of the batches that arrive. A dimension with a
 * budget of its own is judged on its own scores; a batch whose most surprising dimension is one of them pages only then.
 *
 * @param asked - A sensitivity, or just a budget held on average.
 * @param history - Oldest first. `startMs` sets the pace; batches without it, or out of order, count as one interval.
 * @see Angelopoulos, Candès and Tibshirani (2023), Conformal PID control for time series prediction (quantile tracking
 *   with an integral term). Deviates: the integral acts on the odds, and is bounded on both sides differently.
 */
export function replayDecisions(
  history: readonly ScoredBatch[],
  asked: Sensitivity | AlertBudget,
): readonly Decision[] {
  const decideNext = startReplay(asked)
  return history.map((batch) => decideNext(batch))
}

/** The same, one batch at a time: call it with each batch, oldest first. */
export function startReplay(asked: Sensitivity | AlertBudget): (batch: ScoredBatch) => Decision {
  const controller = createController('alerts' in asked ? plainSensitivity(asked) : asked)
  return (batch) => decide(controller, batch)
}

const createController = (sensitivity: Sensitivity): Controller => ({
  pace: createPace(),
  rest: createChannel(restPerDay(sensitivity)),
  own: new Map(
    (Object.entries(sensitivity.dimensions) as [Dimension, AlertBudget][]).map(([dimension, budget]) => [
      dimension,
      createChannel(alertsPerDay(budget)),
    ]),
  ),
  cap: sensitivity.strict ? createPageCap(sensitivity.atMost) : null,
})

function decide(controller: Controller, batch: ScoredBatch): Decision {
  const { pace, rest, own } = controller
  const at = {
    batches: pace.batches,
    days: passTime(pace, batch.startMs),
    gap: pace.gap,
    isBad: batch.isBad ?? false,
  }
  const look: Look = { scores: batch.columns, cases: { strongest: batch.cases, worth: batch.worth } }
  const heard = hear(rest, look, at)
  const ringing = dimensions.filter((dimension) => ringsAlone(own.get(dimension), dimension, { batch, at }))
  const isShared = !own.has(leadingDimension(batch))
  const rings = (heard.alerting.length > 0 && isShared) || ringing.length > 0
  advance(rest, { look, heard }, { ...at, isSpent: heard.alerting.length > 0 && isShared })
  const isPaged = rings && spendPage(controller, batch)
  const isBelowFloor =
    !rings && !batch.absolute && (batch.whole ?? 0) > Math.max(heard.threshold, heard.score)
  return {
    batch,
    alert: batch.absolute || isPaged,
    digest:
      !batch.absolute &&
      !isPaged &&
      (rings || heard.alerting.length > 0 || heard.isWorthReading || isBelowFloor),
    threshold: heard.threshold,
    usual: heard.usual,
    score: heard.score,
    columns: rings ? namedColumns(heard, batch) : [],
    continued: heard.continued,
    dimensions: ringing,
    state: stateOf(at.batches, batch),
    canRing: heard.canRing,
    isBelowFloor,
  }
}

interface Seen {
  readonly batch: ScoredBatch
  readonly at: {
    readonly batches: number
    readonly days: number
    readonly gap: number
    readonly isBad: boolean
  }
}

/** Whether a dimension with a budget of its own rings, which spends that budget. */
function ringsAlone(channel: Channel | undefined, dimension: Dimension, { batch, at }: Seen): boolean {
  if (!channel || batch.columns.size === 0) return false
  const look: Look = { scores: new Map([[dimension, batch.dimensions[dimension]]]), cases: null }
  const heard = hear(channel, look, at)
  const rings = heard.alerting.length > 0
  advance(channel, { look, heard }, { ...at, isSpent: rings })
  return rings
}

/** The dimension that a batch is most surprising in. */
const leadingDimension = ({ dimensions: scores }: ScoredBatch): Dimension =>
  dimensions.reduce((first, dimension) => (scores[dimension] > scores[first] ? dimension : first))

/** Columns to name: those that are news, or the most surprising one when a dimension rings by itself. */
function namedColumns({ alerting }: Heard, { columns }: ScoredBatch): readonly string[] {
  if (alerting.length > 0) return alerting
  const [first] = [...columns].sort((a, b) => b[1] - a[1])
  return first ? [first[0]] : []
}

/** Whether a page may go out, which counts it. */
function spendPage({ cap, pace }: Controller, { startMs }: ScoredBatch): boolean {
  if (!cap) return true
  const atMs = startMs ?? (pace.lastStartMs ?? 0) + pace.batches * pace.gap * 86_400_000
  if (!allowsPage(cap, atMs)) return false
  notePage(cap, atMs)
  return true
}

function stateOf(batches: number, batch: ScoredBatch): Decision['state'] {
  if (batches === 0 || batch.columns.size === 0) return 'learning'
  return batch.provisional || batches < WARM_UP ? 'provisional' : 'judged'
}
