import type { Metric } from '../data/metric.ts'
import { seriesKey } from '../data/metric.ts'
import { ln } from '../math/exponential.ts'
import { normalScoreOfT } from '../math/student-t.ts'
import { capSurprise } from '../math/surprise.ts'
import type { Spread } from './cold-start.ts'
import { coldStartVariance } from './cold-start.ts'
import type { Forecast, Forecaster } from './forecaster.ts'
import { createForecaster, forecast, learnValue, rebaseAfterRun } from './forecaster.ts'
import { materialityFloor, samplingVariance, stationarise } from './stationarise.ts'
import type { SurpriseTail, TailShape } from './surprise-tail.ts'
import { addToTail, createSurpriseTail, tailShape, tailSurprise, UNKNOWN_TAIL } from './surprise-tail.ts'

/** How surprising one metric's value is, given that metric's own past. */
export interface SeriesScore {
  readonly key: string
  readonly metric: Metric
  /** Expected value in stationarised units; NaN while nothing is known of the series. */
  readonly center: number
  /** Standard deviation of the forecast in stationarised units, its own uncertainty included; 0 while nothing is known. */
  readonly scale: number
  /** Signed normal deviate of the value; 0 while nothing is known, and for a value that is not a number. */
  readonly z: number
  /** Signed deviate of an exponentially weighted mean of past z and this one: sees slow drifts. */
  readonly drift: number
  /** −ln of the tail probability, in nats, in [0, 40): the larger of both channels. */
  readonly surprise: number
  /** Degrees of freedom of the t that turned the distance into z. */
  readonly degrees: number
  /** Tail of the series' past |z|, from which surprise was read. */
  readonly tail: TailShape
}

/** What is learnt of one series. */
export interface SeriesState {
  readonly key: string
  readonly identity: Pick<Metric, 'entity' | 'instance' | 'name'>
  readonly forecaster: Forecaster
  readonly zTail: SurpriseTail
  readonly driftTail: SurpriseTail
  residuals: number
  /** Exponentially weighted mean of squared residuals, winsorised; and of the sampling variance they contain. */
  meanSquare: number
  meanSampling: number
  /** The same mean over fewer batches. */
  recentSquare: number
  /** Exponentially weighted sum of z from 0, and the weight still left at that 0. */
  drift: number
  driftVoid: number
  /** Variance within a batch at `baseSupport` rows, when measured on samples of the first batch. */
  readonly measuredWithin: number | null
  readonly baseSupport: number
}

/** What a series shares with its table at one arrival. */
export interface TableContext {
  readonly slots: readonly number[]
  readonly squaredRatio: number
}

const SLOWEST_SPREAD_GAIN = 0.03
/** A second memory of about ten batches ends a spread that belongs to the past: a season has been learnt since. */
const RECENT_SPREAD_GAIN = 0.1
/** How far the recent spread must fall below the long one to be believed instead. */
const RECENT_ALLOWANCE = 2
/** Residuals are winsorised at 3 standard deviations, once that many are known. */
const WINSORISE_AT = 3
const WINSORISE_FROM = 8
/** z-scores enter the tails from this many residuals on: before, they are the prior's. */
const TAIL_FROM = 3
const DRIFT_GAIN = 0.2
const LARGEST_DRIFT_STEP = 4
/** Two channels are looked at: ln 2 is the price of the second. */
const DRIFT_PENALTY = ln(2)
const RUN_ABOVE = 3

export const createSeriesState = (metric: Metric, measuredWithin: number | null): SeriesState => ({
  key: seriesKey(metric),
  identity: { entity: metric.entity, instance: metric.instance, name: metric.name },
  forecaster: createForecaster(),
  zTail: createSurpriseTail(),
  driftTail: createSurpriseTail(),
  residuals: 0,
  meanSquare: 0,
  meanSampling: 0,
  recentSquare: 0,
  drift: 0,
  driftVoid: 1,
  measuredWithin,
  baseSupport: metric.support,
})

interface Judgement {
  readonly level: number
  readonly forecast: Forecast
  readonly sampling: number
  readonly scale: number
  readonly degrees: number
  readonly z: number
  readonly drift: number
}

/** Variance within this batch: as measured, scaled to its rows, but never less than sampling theory says. */
function withinVariance(state: SeriesState, metric: Metric, predicted: number): number {
  const { scale, support } = metric
  const theory = samplingVariance(scale, predicted, { support, past: support * state.forecaster.length })
  if (state.measuredWithin === null) return theory
  const scaling = metric.support > 0 && state.baseSupport > 0 ? state.baseSupport / metric.support : 1
  return Math.max(state.measuredWithin * scaling, theory)
}

/** A series' spread as its table's other series may learn from it. */
export function spreadOf(state: SeriesState): Spread {
  const { residuals, meanSquare, meanSampling, measuredWithin } = state
  const within = measuredWithin ?? meanSampling
  return { residuals, meanSquare, within, isWithinKnown: within > 0 }
}

function judge(state: SeriesState, metric: Metric, { slots, squaredRatio }: TableContext): Judgement {
  const level = stationarise(metric.value, metric)
  const expected = forecast(state.forecaster, slots)
  const sampling = withinVariance(state, metric, expected.value)
  const floor = materialityFloor(metric.scale, expected.value)
  // Fewer rows than usual widen, more rows narrow: only the sampling part of the past spread is exchanged.
  const meanSquare = currentSquare(state)
  const between = Math.max(meanSquare - state.meanSampling, 0.1 * meanSquare)
  const isWithinKnown = sampling > 0 || state.measuredWithin !== null
  const { variance, degrees } = coldStartVariance(
    {
      residuals: state.residuals,
      meanSquare: between + sampling,
      within: isWithinKnown ? sampling : floor * floor,
      isWithinKnown,
    },
    squaredRatio,
  )
  const scale = Math.sqrt((variance + floor * floor) * (1 + 1 / state.forecaster.length))
  const z = normalScoreOfT((level - expected.value) / scale, degrees)
  return { level, forecast: expected, sampling, scale, degrees, z, drift: driftWith(state, z) }
}

const currentSquare = ({ meanSquare, recentSquare }: SeriesState): number =>
  Math.min(meanSquare, RECENT_ALLOWANCE * recentSquare)

/** The drift channel's deviate if z were its newest value. */
function driftWith(state: SeriesState, z: number): number {
  const left = state.driftVoid * (1 - DRIFT_GAIN)
  const variance = (DRIFT_GAIN / (2 - DRIFT_GAIN)) * (1 - left * left)
  return nextDrift(state, z) / Math.sqrt(variance)
}

const nextDrift = (state: SeriesState, z: number): number =>
  (1 - DRIFT_GAIN) * state.drift + DRIFT_GAIN * Math.min(Math.max(z, -LARGEST_DRIFT_STEP), LARGEST_DRIFT_STEP)

/** How far out a signed deviate is on the sides that are suspicious. */
const distance = (metric: Metric, z: number): number => (metric.side === 'up' ? Math.max(z, 0) : Math.abs(z))

/** Scores a metric against the series' past; `state` is not changed. */
export function scoreSeries(
  state: SeriesState | undefined,
  metric: Metric,
  context: TableContext,
): SeriesScore {
  if (!state || state.forecaster.learnt === 0) return unknownScore(metric)
  const { forecast: expected, scale, z, drift, degrees } = judge(state, metric, context)
  const tail = tailShape(state.zTail)
  const known = { key: state.key, metric, center: expected.value, scale, degrees, tail }
  if (!Number.isFinite(metric.value)) return { ...known, z: 0, drift: 0, surprise: 0 }
  const driftTail = tailShape(state.driftTail)
  const surprise = Math.max(
    tailSurprise(tail, distance(metric, z)),
    tailSurprise(driftTail, distance(metric, drift)) - DRIFT_PENALTY,
  )
  return { ...known, z, drift, surprise: capSurprise(surprise) }
}

const unknownScore = (metric: Metric): SeriesScore => ({
  key: seriesKey(metric),
  metric,
  center: Number.NaN,
  scale: 0,
  z: 0,
  drift: 0,
  surprise: 0,
  degrees: 0,
  tail: UNKNOWN_TAIL,
})

/** Learns a metric's value; one that is not a number is passed over. */
export function learnSeries(
  state: SeriesState,
  metric: Metric,
  context: TableContext & { readonly active: readonly boolean[] },
): void {
  if (!Number.isFinite(metric.value)) return
  const { forecaster } = state
  const judged = judge(state, metric, context)
  const clip = largestResidual(state, materialityFloor(metric.scale, judged.forecast.value))
  const side = alarmSide(state, judged.z)
  // Alarms on the same side one after the other are one event: once is how often it may blunt the series.
  const isSameEvent = side !== 0 && Math.sign(forecaster.run) === side
  if (forecaster.learnt > 0) {
    if (!isSameEvent) {
      learnTails(state, metric, judged)
      learnSpread(state, judged, clip)
    }
    learnDrift(state, judged.z)
  }
  learnValue(forecaster, judged.level, { slots: context.slots, active: context.active, clip })
  if (rebaseAfterRun(forecaster, side)) forgetDrift(state)
}

function largestResidual(state: SeriesState, floor: number): number {
  if (state.residuals < WINSORISE_FROM) return Number.POSITIVE_INFINITY
  return WINSORISE_AT * Math.max(Math.sqrt(currentSquare(state)), floor)
}

function alarmSide({ residuals }: SeriesState, z: number): -1 | 0 | 1 {
  if (residuals <= WINSORISE_FROM || Math.abs(z) <= RUN_ABOVE) return 0
  return z > 0 ? 1 : -1
}

function learnTails(state: SeriesState, metric: Metric, { z, drift }: Judgement): void {
  if (state.residuals < TAIL_FROM) return
  addToTail(state.zTail, distance(metric, z))
  addToTail(state.driftTail, distance(metric, drift))
}

function learnDrift(state: SeriesState, z: number): void {
  if (state.residuals < TAIL_FROM) return
  state.drift = nextDrift(state, z)
  state.driftVoid *= 1 - DRIFT_GAIN
}

function learnSpread(
  state: SeriesState,
  { level, forecast: expected, sampling }: Judgement,
  clip: number,
): void {
  state.residuals += 1
  const gain = Math.max(SLOWEST_SPREAD_GAIN, 1 / state.residuals)
  const residual = Math.min(Math.abs(level - expected.value), clip)
  // A residual holds the centre's own uncertainty of 1/n; with it taken out, these squares sum to Σ(x − mean)².
  const shrink = state.forecaster.length / (state.forecaster.length + 1)
  const square = residual * residual * shrink
  state.meanSquare += gain * (square - state.meanSquare)
  state.recentSquare += Math.max(RECENT_SPREAD_GAIN, gain) * (square - state.recentSquare)
  state.meanSampling += gain * (sampling - state.meanSampling)
}

function forgetDrift(state: SeriesState): void {
  state.drift = 0
  state.driftVoid = 1
}
