import { FiableError } from '../data/errors.ts'
import type { Sample, SamplesDetector } from './detector.ts'

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
