import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'

/** A real or whole number a detector can be set with. */
export interface NumberParam {
  readonly kind: 'number' | 'integer'
  readonly default: number
  readonly min: number
  readonly max: number
  /** What it does, in one sentence. */
  readonly about: string
  /** Range worth searching; left out where the default is right. */
  readonly search?: readonly [low: number, high: number]
}

/** One of a few named ways. */
export interface ChoiceParam<Choice extends string = string> {
  readonly kind: 'choice'
  readonly default: Choice
  readonly choices: readonly Choice[]
  readonly about: string
  readonly search?: readonly Choice[]
}

export type Params = Readonly<Record<string, NumberParam | ChoiceParam>>

/** Values for declared parameters. */
export type Settings<P extends Params> = {
  readonly [Name in keyof P]: P[Name] extends ChoiceParam<infer Choice> ? Choice : number
}

/** Settings as a user gives them: some of the parameters, the others at their default. */
export type GivenSettings = Readonly<Record<string, number | string>>

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
      if (past.length < minPast) throw tooFewBatches(name, past.length, minPast)
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

/** Given settings completed by the defaults, each checked against its declaration. */
function settingsOf<P extends Params>(owner: string, params: P, given: GivenSettings): Settings<P> {
  for (const name of Object.keys(given)) {
    if (!(name in params)) throw unknownParam(owner, name, params)
  }
  const entries = Object.entries(params).map(([name, param]) => {
    const value = given[name] ?? param.default
    if (!isAllowed(param, value)) throw badSetting(owner, name, value, param)
    return [name, value]
  })
  return Object.fromEntries(entries) as Settings<P>
}

function isAllowed(param: NumberParam | ChoiceParam, value: number | string): boolean {
  if (param.kind === 'choice') return param.choices.some((choice) => choice === value)
  if (typeof value !== 'number' || (param.kind === 'integer' && !Number.isInteger(value))) return false
  return value >= param.min && value <= param.max
}

function checkNumbers(owner: string, values: readonly number[]): readonly number[] {
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw notFinite(owner, values[at]!, at)
  return values
}

function checkSample(
  owner: string,
  takes: SamplesDeclaration<Params, Json>['takes'],
  sample: Sample,
): Sample {
  if (sample.values.length === 0) throw emptySample(owner)
  for (let i = 0; i < sample.values.length; i++) {
    const value = sample.values[i]!
    if (typeof value === 'string' ? takes === 'numbers' : !Number.isFinite(value))
      throw notFinite(owner, value, i)
    if (!(sample.counts[i]! > 0)) throw badCount(owner, sample.counts[i], i)
    if (i > 0 && typeof value === 'number' && value <= Number(sample.values[i - 1])) throw unsorted(owner, i)
  }
  return sample
}

const ruleOf = (param: NumberParam | ChoiceParam): string =>
  param.kind === 'choice'
    ? `one of ${param.choices.join(', ')}`
    : `${param.kind === 'integer' ? 'a whole number' : 'a number'} from ${param.min} to ${param.max}`

const badSetting = (owner: string, name: string, value: unknown, param: NumberParam | ChoiceParam) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${owner} was given ${name} = ${value}, but it must be ${ruleOf(param)}.`,
    `Set ${name} to ${ruleOf(param)}; the default is ${param.default}.`,
  )

const unknownParam = (owner: string, name: string, params: Params) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${owner} was given ${name}, which it does not have.`,
    `Use ${Object.keys(params).join(', ') || 'no settings: it has none'}.`,
  )

const tooFewBatches = (owner: string, given: number, needed: number) =>
  new FiableError(
    'TOO_FEW_BATCHES',
    `${owner} was given ${given} past values but needs ${needed}.`,
    'Give more history.',
  )

const notFinite = (owner: string, value: number | string, at: number) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${owner} was given ${typeof value === 'string' ? `the text '${value}'` : value} at position ${at}, but takes finite numbers.`,
    'Leave out what is no finite number, and chart how often that happens as a metric of its own.',
  )

const emptySample = (owner: string) =>
  new FiableError(
    'TOO_FEW_ROWS',
    `${owner} was given an empty sample but needs at least one value.`,
    'Judge an empty batch by its row count instead.',
  )

const badCount = (owner: string, count: number | undefined, at: number) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${owner} was given the count ${count} at position ${at}; every value needs a count above 0.`,
    'Give as many counts as values, and leave out values that do not occur.',
  )

const unsorted = (owner: string, at: number) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${owner} was given numbers that do not ascend at position ${at}.`,
    'Sort the distinct values first, for instance with weightedSample.',
  )
