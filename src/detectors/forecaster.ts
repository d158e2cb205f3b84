import { SEASONS } from './season.ts'

/** Share of each surprise that the level follows, slow to fast. */
const GAINS = [0.05, 0.2, 0.5] as const
/** Candidate judged best while there is no record to choose by: the middle gain, no season. */
const FIRST_CHOICE = 1
/** Candidates: every gain without season, then every gain with each season. */
const CANDIDATES = GAINS.length * (1 + SEASONS.length)
const FORGET_LOSS = 0.97
const SLOWEST_SEASON_GAIN = 0.15
/** A season must beat the plain level by 2 % to be chosen. */
const SEASON_HANDICAP = 1.02
const CHOOSE_FROM = 10
const CHOOSE_SEASON_FROM = 21
/** Same-signed alarms in a row after which the level is believed to have moved for good. */
const REBASE_AFTER = 3

interface SeasonState {
  /** Deviation from the level, shape [gains × slots]. */
  readonly deviation: Float64Array
  /** Values seen per slot. */
  readonly seen: Uint32Array
}

/**
 * One-step forecasts of one series: exponentially smoothed levels at three gains, plain or with a season, of which the
 * one with the least past loss speaks.
 *
 * Out of sample by construction: `predict` looks at past values only.
 *
 * @see Gardner (1985), Exponential smoothing: the state of the art. J. Forecasting 4(1).
 */
export interface Forecaster {
  /** Values learnt since the level was last set afresh (at most 1000). */
  length: number
  /** Values learnt in all. */
  learnt: number
  readonly level: Float64Array
  readonly loss: Float64Array
  readonly seasons: (SeasonState | null)[]
  /** The last three values and their slots, in any order. */
  readonly recent: { readonly value: number; readonly slots: readonly number[] }[]
  /** Same-signed alarms in a row, signed. */
  run: number
}

/** What a forecaster expects next, and which of its candidates says so. */
export interface Forecast {
  readonly value: number
  readonly candidate: number
}

export const createForecaster = (): Forecaster => ({
  length: 0,
  learnt: 0,
  level: new Float64Array(CANDIDATES),
  loss: new Float64Array(CANDIDATES),
  seasons: SEASONS.map(() => null),
  recent: [],
  run: 0,
})

const hasSeason = (candidate: number): boolean => candidate >= GAINS.length
const seasonOf = (candidate: number): number => Math.floor(candidate / GAINS.length) - 1

/** Deviation that a candidate expects in the slot, shrunk toward 0 while the slot was seen seldom. */
function seasonalPart(forecaster: Forecaster, candidate: number, slots: readonly number[]): number {
  if (!hasSeason(candidate)) return 0
  const index = seasonOf(candidate)
  const season = forecaster.seasons[index]
  const slot = slots[index]!
  if (!season || slot < 0) return 0
  const seen = season.seen[slot]!
  return seen < 2 ? 0 : rawDeviation(season, index, candidate, slot) * (seen / (seen + 1))
}

const rawDeviation = (season: SeasonState, index: number, candidate: number, slot: number): number =>
  season.deviation[(candidate % GAINS.length) * SEASONS[index]!.slots + slot]!

/** Expects the next value; NaN before the first was learnt. */
export function forecast(forecaster: Forecaster, slots: readonly number[]): Forecast {
  if (forecaster.learnt === 0) return { value: Number.NaN, candidate: FIRST_CHOICE }
  const candidate = bestCandidate(forecaster, slots)
  return { value: forecaster.level[candidate]! + seasonalPart(forecaster, candidate, slots), candidate }
}

function bestCandidate(forecaster: Forecaster, slots: readonly number[]): number {
  const residuals = forecaster.learnt - 1
  if (residuals < CHOOSE_FROM) return FIRST_CHOICE
  let best = FIRST_CHOICE
  let least = Number.POSITIVE_INFINITY
  for (let candidate = 0; candidate < CANDIDATES; candidate++) {
    if (hasSeason(candidate) && (residuals < CHOOSE_SEASON_FROM || !isUsable(forecaster, candidate, slots)))
      continue
    const loss = forecaster.loss[candidate]! * (hasSeason(candidate) ? SEASON_HANDICAP : 1)
    if (loss < least) {
      least = loss
      best = candidate
    }
  }
  return best
}

const isUsable = (forecaster: Forecaster, candidate: number, slots: readonly number[]): boolean =>
  forecaster.seasons[seasonOf(candidate)] !== null && slots[seasonOf(candidate)]! >= 0

/** What learning a value needs beside it. */
export interface Learning {
  readonly slots: readonly number[]
  /** Which seasons the table's arrivals tell apart; the others are not kept. */
  readonly active: readonly boolean[]
  /** Largest part of a surprise that is followed. */
  readonly clip: number
}

/** Learns a value: every candidate's loss, level and season move, by at most `clip` of what surprised it. */
export function learnValue(forecaster: Forecaster, value: number, learning: Learning): void {
  const { recent } = forecaster
  recent[forecaster.learnt % REBASE_AFTER] = { value, slots: learning.slots }
  openSeasons(forecaster, learning)
  for (let candidate = 0; candidate < CANDIDATES; candidate++) {
    if (hasSeason(candidate) && forecaster.seasons[seasonOf(candidate)] === null) continue
    if (forecaster.learnt === 0) forecaster.level[candidate] = value
    else moveCandidate(forecaster, candidate, value, learning)
  }
  if (forecaster.learnt > 0) countSlots(forecaster, learning.slots)
  forecaster.length = Math.min(forecaster.length + 1, 1000)
  forecaster.learnt += 1
}

/** A season that can now be told apart starts from the plain candidates' levels and losses. */
function openSeasons({ seasons, level, loss }: Forecaster, { slots, active }: Learning): void {
  for (let index = 0; index < seasons.length; index++) {
    if (seasons[index] !== null || !active[index] || slots[index]! < 0) continue
    seasons[index] = createSeason(SEASONS[index]!.slots)
    const first = GAINS.length * (1 + index)
    level.copyWithin(first, 0, GAINS.length)
    loss.copyWithin(first, 0, GAINS.length)
  }
}

const createSeason = (slots: number): SeasonState => ({
  deviation: new Float64Array(GAINS.length * slots),
  seen: new Uint32Array(slots),
})

function countSlots({ seasons }: Forecaster, slots: readonly number[]): void {
  for (let index = 0; index < seasons.length; index++) {
    const season = seasons[index]
    if (season && slots[index]! >= 0) season.seen[slots[index]!]! += 1
  }
}

function moveCandidate(forecaster: Forecaster, candidate: number, value: number, learning: Learning): void {
  const { slots, clip } = learning
  const seasonal = seasonalPart(forecaster, candidate, slots)
  const error = limit(value - forecaster.level[candidate]! - seasonal, clip)
  const isFirstError = forecaster.learnt === 1
  forecaster.loss[candidate] = isFirstError
    ? error * error
    : FORGET_LOSS * forecaster.loss[candidate]! + (1 - FORGET_LOSS) * error * error
  const gain = Math.max(GAINS[candidate % GAINS.length]!, 1 / (forecaster.length + 1))
  forecaster.level[candidate]! += gain * error
  if (hasSeason(candidate) && slots[seasonOf(candidate)]! >= 0)
    moveSeason(forecaster, candidate, value - forecaster.level[candidate]!, learning)
}

function moveSeason(
  forecaster: Forecaster,
  candidate: number,
  deviation: number,
  { slots, clip }: Learning,
): void {
  const index = seasonOf(candidate)
  const season = forecaster.seasons[index]!
  const slot = slots[index]!
  const gain = Math.max(SLOWEST_SEASON_GAIN, 1 / (season.seen[slot]! + 1))
  const at = (candidate % GAINS.length) * SEASONS[index]!.slots + slot
  season.deviation[at]! += gain * limit(deviation - season.deviation[at]!, clip)
}

/**
 * Counts alarms in a row on the same side; at the third, every level jumps to the median of the last three values
 * without their season, and the answer is true.
 */
export function rebaseAfterRun(forecaster: Forecaster, side: -1 | 0 | 1): boolean {
  forecaster.run = side !== 0 && Math.sign(forecaster.run) === side ? forecaster.run + side : side
  if (Math.abs(forecaster.run) < REBASE_AFTER || forecaster.recent.length < REBASE_AFTER) return false
  for (let candidate = 0; candidate < CANDIDATES; candidate++) {
    const [a, b, c] = forecaster.recent.map(
      ({ value, slots }) => value - seasonalPart(forecaster, candidate, slots),
    ) as [number, number, number]
    forecaster.level[candidate] = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
  }
  forecaster.length = REBASE_AFTER
  forecaster.run = 0
  return true
}

const limit = (x: number, size: number): number => Math.min(Math.max(x, -size), size)
