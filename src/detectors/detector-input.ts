import { FiableError } from '../data/errors.ts'
import type {
  ChoiceParam,
  GivenSettings,
  NumberParam,
  Params,
  Sample,
  SamplesDetector,
  Settings,
} from './detector.ts'

/** Given settings completed by the defaults, each checked against its declaration. */
export function settingsOf<P extends Params>(owner: string, params: P, given: GivenSettings): Settings<P> {
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

/** Insists on finite numbers. */
export function checkNumbers(owner: string, values: readonly number[]): readonly number[] {
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw notFinite(owner, values[at]!, at)
  return values
}

/** Insists on a sample that is not empty, ascends, has positive counts, and holds what the detector takes. */
export function checkSample(owner: string, takes: SamplesDetector['takes'], sample: Sample): Sample {
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

/** Insists on enough past values. */
export function checkPastLength(owner: string, given: number, needed: number): void {
  if (given < needed) throw tooFewBatches(owner, given, needed)
}

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
