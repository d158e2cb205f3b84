import type { Column } from '../data/column.ts'
import type {
  ColumnProfile,
  Fingerprint,
  Frequencies,
  NumberProfile,
  TextProfile,
  TimeProfile,
} from '../data/profile.ts'
import { levelOf } from '../math/hash.ts'
import { countingUp } from '../math/rank.ts'
import { levelFor, limited, patternBudget, valueBudget } from './frequencies.ts'
import { capped, histogramOf, histogramOfMap } from './number-merge.ts'
import { bucketOf } from './number-shape.ts'
import { characterClasses } from './text-shape.ts'
import { timeProfile } from './time-bins.ts'
import {
  type NumberFacts,
  orderOf,
  type PatternFacts,
  type TextFacts,
  type ValueFacts,
} from './value-facts.ts'
import { numbersAt, textsAt } from './values-at.ts'

/** How often each distinct value of a column occurred, and what had no value. */
export interface Tally {
  readonly facts: ValueFacts
  /** Positions of the values that occurred, ascending by value; all values, in any order, when not given. */
  readonly occurring?: Uint32Array
  /** Rows of each value that occurred, above 0. */
  readonly counts: Float64Array
  readonly nulls: number
  readonly invalid: number
}

/** Some values, as positions among the facts, and the rows of each. */
interface Counted {
  readonly positions: Uint32Array
  readonly counts: Float64Array
}

/**
 * The profile of a column from its counted distinct values: every statistic is a sum over them.
 *
 * What no metric of a first batch needs is made when first asked for, and kept: until then the profile holds on to the facts.
 *
 * @param columnCount - Columns of the table, which share the budget of kept values.
 */
export function columnProfile(column: Column, tally: Tally, columnCount: number): ColumnProfile {
  const { facts, nulls, invalid } = tally
  const occurring = {
    positions: tally.occurring ?? countingUp(tally.counts.length),
    counts: tally.counts,
  }
  const valued = sumOf(occurring.counts)
  const present = countable(facts, occurring)
  const ascending = tally.occurring ? present : inOrder(facts, present)
  const isNumber = facts.kind === 'number' && valued > 0
  let fingerprint: Fingerprint | undefined
  let time: TimeProfile | null | undefined
  return {
    column,
    rows: valued + nulls + invalid,
    nulls,
    invalid,
    distinct: { value: present.positions.length, standardError: 0 },
    frequencies: frequenciesOf(facts, ascending, valueBudget(columnCount)),
    get fingerprint() {
      return (fingerprint ??= fingerprintOf(facts.hashes, occurring))
    },
    number: isNumber ? numberProfile(facts, present, valued) : null,
    get time() {
      if (time === undefined) time = isNumber && column.storage === 'time' ? timesOf(facts, present) : null
      return time
    },
    text:
      facts.kind === 'text' && valued > 0 ? textProfile(facts, occurring, patternBudget(columnCount)) : null,
  }
}

/** The profile with all its parts made, so that it holds on to no facts. */
export const settled = (profile: ColumnProfile): ColumnProfile => ({
  ...profile,
  number: profile.number && { ...profile.number },
  text: profile.text && { ...profile.text },
})

/** The numbers at some positions. */
function pick(numbers: Float64Array, positions: Uint32Array): Float64Array {
  const picked = new Float64Array(positions.length)
  for (let k = 0; k < positions.length; k++) picked[k] = numbers[positions[k]!]!
  return picked
}

function sumOf(counts: Float64Array): number {
  let sum = 0
  for (let k = 0; k < counts.length; k++) sum += counts[k]!
  return sum
}

/** The values that are accepted. */
function those({ positions, counts }: Counted, accept: (position: number) => boolean): Counted {
  const kept = positions.filter((position) => accept(position))
  return { positions: kept, counts: counts.filter((_, k) => accept(positions[k]!)) }
}

/** The values that may be counted: NaN and the infinities may not. */
function countable(facts: ValueFacts, occurring: Counted): Counted {
  if (facts.kind === 'text' || facts.isFinite) return occurring
  const { values } = facts
  return those(occurring, (position) => Number.isFinite(values[position]!))
}

/** Counted values, ascending. */
function inOrder(facts: ValueFacts, present: Counted): Counted {
  const ascending = orderOf(facts, present.positions)
  if (ascending === present.positions) return present
  return { positions: ascending, counts: pick(byPosition(present, facts.values.length), ascending) }
}

function byPosition({ positions, counts }: Counted, size: number): Float64Array {
  const rows = new Float64Array(size)
  for (let k = 0; k < positions.length; k++) rows[positions[k]!] = counts[k]!
  return rows
}

/** The frequencies of values given in ascending order. */
function frequenciesOf(facts: ValueFacts, present: Counted, budget: number): Frequencies {
  if (facts.repeats) return limited(summedByValue(facts, present), budget)
  const { level, kept } = keptOf(facts, present, budget)
  const values =
    facts.kind === 'number' ? numbersAt(facts.values, kept.positions) : textsAt(facts.values, kept.positions)
  return { level, values, counts: listOf(kept.counts) }
}

function listOf(numbers: Float64Array): number[] {
  const list: number[] = []
  for (let k = 0; k < numbers.length; k++) list.push(numbers[k]!)
  return list
}

/** The values within budget, and the level at which they are. */
function keptOf(
  { hashes }: ValueFacts,
  present: Counted,
  budget: number,
): { readonly level: number; readonly kept: Counted } {
  if (present.counts.length <= budget) return { level: 0, kept: present }
  const levels = Uint8Array.from(present.positions, (position) => levelOf(hashes[2 * position]!))
  const level = levelFor(levels, budget)
  return { level, kept: those(present, (position) => levelOf(hashes[2 * position]!) >= level) }
}

/** Counts by value as kept: integers beyond 2^53 may share a double, and shortened texts may be alike. */
function summedByValue(facts: ValueFacts, { positions, counts }: Counted): Map<number | string, number> {
  const sums = new Map<number | string, number>()
  positions.forEach((position, k) => {
    const value = facts.values[position]!
    sums.set(value, (sums.get(value) ?? 0) + counts[k]!)
  })
  return sums
}

/** Order-insensitive sum of the hashes of all rows modulo 2^64; exact below 2^37 rows. */
function fingerprintOf(hashes: Uint32Array, { positions, counts }: Counted): Fingerprint {
  const limbs = new Float64Array(4)
  for (let k = 0; k < positions.length; k++) {
    const low = hashes[2 * positions[k]!]!
    const high = hashes[2 * positions[k]! + 1]!
    limbs[0]! += counts[k]! * (low & 0xffff)
    limbs[1]! += counts[k]! * (low >>> 16)
    limbs[2]! += counts[k]! * (high & 0xffff)
    limbs[3]! += counts[k]! * (high >>> 16)
  }
  return fingerprintOfSum([...limbs].reduce((sum, limb, i) => sum + (BigInt(limb) << BigInt(16 * i)), 0n))
}

/** The fingerprint from the sum of the hashes. */
export const fingerprintOfSum = (sum: bigint): Fingerprint =>
  BigInt.asUintN(64, sum).toString(16).padStart(16, '0')

function numberProfile(facts: NumberFacts, present: Counted, valued: number): NumberProfile {
  const decimals = sumsBy(facts.decimals, present, 4)
  const { min, max, mean, squares } = momentsOf(facts.values, present)
  let buckets: NumberProfile['buckets'] | undefined
  return {
    min,
    max,
    mean,
    squares,
    get buckets() {
      return (buckets ??= bucketsOf(facts.values, present))
    },
    nonFinite: valued - sumOf(present.counts),
    decimals: [decimals[0]!, decimals[1]!, decimals[2]!, decimals[3]!],
  }
}

/** Rows by what is known of each value: a number below `size`. */
function sumsBy(
  known: Uint8Array | Uint16Array | Uint32Array,
  { positions, counts }: Counted,
  size: number,
): Float64Array {
  const sums = new Float64Array(size)
  for (let k = 0; k < positions.length; k++) sums[known[positions[k]!]!]! += counts[k]!
  return sums
}

function bucketsOf(values: Float64Array, { positions, counts }: Counted): NumberProfile['buckets'] {
  const buckets = new Map<number, number>()
  for (let k = 0; k < positions.length; k++) {
    const bucket = bucketOf(values[positions[k]!]!)
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + counts[k]!)
  }
  return histogramOfMap(buckets)
}

/** Extremes, mean and squares; sums are taken from the first value, so that a far-off mean costs no digits. */
function momentsOf(
  values: Float64Array,
  { positions, counts }: Counted,
): Pick<NumberProfile, 'min' | 'max' | 'mean' | 'squares'> {
  if (positions.length === 0) return { min: 0, max: 0, mean: 0, squares: 0 }
  const origin = values[positions[0]!]!
  let min = origin
  let max = origin
  let count = 0
  let sum = 0
  for (let k = 0; k < positions.length; k++) {
    const value = values[positions[k]!]!
    if (value < min) min = value
    if (value > max) max = value
    count += counts[k]!
    sum += (value - origin) * counts[k]!
  }
  const mean = Number.isFinite(sum) ? origin + sum / count : scaledMean(values, { positions, counts })
  let squares = 0
  for (let k = 0; k < positions.length; k++) squares += (values[positions[k]!]! - mean) ** 2 * counts[k]!
  return { min: min === 0 ? 0 : min, max: max === 0 ? 0 : max, mean, squares: capped(squares) }
}

/** The mean of numbers whose sum no double holds. */
function scaledMean(values: Float64Array, { positions, counts }: Counted): number {
  const total = sumOf(counts)
  let mean = 0
  for (let k = 0; k < positions.length; k++) mean += values[positions[k]!]! * (counts[k]! / total)
  return mean
}

const timesOf = (facts: NumberFacts, { positions, counts }: Counted): TimeProfile | null =>
  positions.length === 0 ? null : timeProfile(pick(facts.values, positions), counts)

function textProfile(facts: TextFacts, occurring: Counted, budget: number): TextProfile {
  const lengths = sumsBy(facts.lengths, occurring, facts.longest + 1)
  const { index, count } = histogramOf(lengths)
  let patterns: Frequencies<string> | undefined
  return {
    empty: lengths[0]!,
    lengths: { length: index, count },
    characters: charactersOf(characterSums(facts.characters, occurring)),
    get patterns() {
      return (patterns ??= patternFrequencies(facts.patterns, occurring, budget))
    },
  }
}

function characterSums(characters: Uint32Array, { positions, counts }: Counted): Float64Array {
  const classes = characterClasses.length
  const sums = new Float64Array(classes)
  for (let c = 0; c < classes; c++) {
    let sum = 0
    for (let k = 0; k < positions.length; k++) sum += counts[k]! * characters[classes * positions[k]! + c]!
    sums[c] = sum
  }
  return sums
}

/** Characters by class from their sums in the order of `characterClasses`. */
export const charactersOf = (sums: ArrayLike<number>): TextProfile['characters'] => ({
  upper: sums[0]!,
  lower: sums[1]!,
  digit: sums[2]!,
  space: sums[3]!,
  other: sums[4]!,
})

function patternFrequencies(
  { of, names }: PatternFacts,
  occurring: Counted,
  budget: number,
): Frequencies<string> {
  const counts = sumsBy(of, occurring, names.length)
  return limited(
    new Map(names.map((name, i) => [name, counts[i]!] as const).filter(([, rows]) => rows > 0)),
    budget,
  )
}
