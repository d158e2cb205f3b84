import type { Json } from '../data/json.ts'
import { type GivenSettings, type Params, type Settings, settingsOf } from '../data/params.ts'
import { checkNumbers, checkPastLength, checkSample } from './detector-input.ts'

/** Repeated observations counted: distinct numbers ascending, or distinct texts, each with its count. */
export interface Sample {
  readonly values: ArrayLike<number> | readonly string[]
  readonly counts: ArrayLike<number>
}

/** Lines of a control chart, in the unit of what is plotted. */
export interface ControlLimits {
  readonly centerLine: number
  readonly upperLimit: number
  readonly lowerLimit: number
}

interface Description<P extends Params> {
  /** Kebab-case, as in commands and files. */
  readonly name: string
  readonly summary: string
  /** Where the method was published: author (year), title. */
  readonly reference: string
  readonly params: P
}

/** Declares a chart of one metric: what it learns from past values, what it plots for the next ones, and its limits. */
export interface SeriesDeclaration<P extends Params, State extends Json> extends Description<P> {
  readonly kind: 'series'
  /** Past values needed at least. */
  readonly minPast: number
  fit(past: readonly number[], settings: Settings<P>): State
  plot(state: State, next: readonly number[]): readonly number[]
  limits(state: State): ControlLimits
}

/** Declares a comparison of two samples. */
export interface SamplesDeclaration<P extends Params, State extends Json> extends Description<P> {
  readonly kind: 'samples'
  /** Whether it compares numbers only, or texts too. */
  readonly takes: 'numbers' | 'numbers and texts'
  fit(reference: Sample, settings: Settings<P>): State
  /** Size of the effect: higher is more anomalous; does not grow with the number of rows as such. */
  score(state: State, batch: Sample): number
  /** Chance of so large a difference between two samples of one population. */
  pValue?(state: State, batch: Sample): number
}

/** A chart fitted to past values. */
export interface FittedSeries {
  /** Everything learnt: survives JSON, see `load`. */
  readonly state: Json
  readonly limits: ControlLimits
  /** What the chart plots for each of the next values, oldest first. */
  plot(next: readonly number[]): readonly number[]
  /** Largest distance of the plotted points from the centre line, in units of the limit's: above 1 is outside. */
  score(next: readonly number[]): number
}

/** A comparison fitted to a reference sample. */
export interface FittedSamples {
  readonly state: Json
  /** Size of the effect: higher is more anomalous. */
  score(batch: Sample): number
  /**
   * Chance of so large a difference without any change, where the method has one, else null.
   *
   * To be shown for small samples; never to be alarmed on for large ones, where any difference is significant.
   */
  pValue(batch: Sample): number | null
}

export interface SeriesDetector extends Description<Params> {
  readonly kind: 'series'
  readonly minPast: number
  /** @throws FiableError TOO_FEW_BATCHES below `minPast` values, BAD_ARGUMENT for settings or values out of range. */
  fit(past: readonly number[], settings?: GivenSettings): FittedSeries
  /** Brings back what `FittedSeries.state` held. */
  load(state: Json): FittedSeries
}

export interface SamplesDetector extends Description<Params> {
  readonly kind: 'samples'
  readonly takes: SamplesDeclaration<Params, Json>['takes']
  /** @throws FiableError TOO_FEW_ROWS for an empty sample, BAD_ARGUMENT for settings or values out of range. */
  fit(reference: Sample, settings?: GivenSettings): FittedSamples
  load(state: Json): FittedSamples
}

export type Detector = SeriesDetector | SamplesDetector

/**
 * Declares a detector: the one object from which settings, forms, documents and search spaces are derived, and where
 * input is checked, once.
 */
export function defineDetector<const P extends Params, State extends Json>(
  declaration: SeriesDeclaration<P, State>,
): SeriesDetector
export function defineDetector<const P extends Params, State extends Json>(
  declaration: SamplesDeclaration<P, State>,
): SamplesDetector
export function defineDetector<const P extends Params, State extends Json>(
  declaration: SeriesDeclaration<P, State> | SamplesDeclaration<P, State>,
): Detector {
  return declaration.kind === 'series' ? seriesDetector(declaration) : samplesDetector(declaration)
}

function seriesDetector<P extends Params, State extends Json>(
  declaration: SeriesDeclaration<P, State>,
): SeriesDetector {
  const { kind, name, summary, reference, params, minPast } = declaration
  const load = (state: State): FittedSeries => {
    const limits = declaration.limits(state)
    const plot = (next: readonly number[]) => declaration.plot(state, checkNumbers(name, next))
    return { state, limits, plot, score: (next) => distanceInLimits(plot(next), limits) }
  }
  return {
    ...{ kind, name, summary, reference, params, minPast },
    fit(past, given = {}) {
      checkPastLength(name, past.length, minPast)
      return load(declaration.fit(checkNumbers(name, past), settingsOf(name, params, given)))
    },
    load: (state) => load(state as State),
  }
}

function distanceInLimits(
  plotted: readonly number[],
  { centerLine, upperLimit, lowerLimit }: ControlLimits,
): number {
  let largest = 0
  for (const point of plotted) {
    const room = point > centerLine ? upperLimit - centerLine : centerLine - lowerLimit
    largest = Math.max(largest, Math.abs(point - centerLine) / room)
  }
  return largest
}

function samplesDetector<P extends Params, State extends Json>(
  declaration: SamplesDeclaration<P, State>,
): SamplesDetector {
  const { kind, name, summary, reference, params, takes } = declaration
  const load = (state: State): FittedSamples => ({
    state,
    score: (batch) => declaration.score(state, checkSample(name, takes, batch)),
    pValue: (batch) => declaration.pValue?.(state, checkSample(name, takes, batch)) ?? null,
  })
  return {
    ...{ kind, name, summary, reference, params, takes },
    fit: (sample, given = {}) =>
      load(declaration.fit(checkSample(name, takes, sample), settingsOf(name, params, given))),
    load: (state) => load(state as State),
  }
}
