import type { Column } from '../data/column.ts'
import type { ColumnProfile, Fingerprint, Frequencies, NumberProfile, TextProfile } from '../data/profile.ts'
import { levelFor, limited, patternBudget, valueBudget } from './frequencies.ts'
import { capped, histogramOf, histogramOfMap } from './number-merge.ts'
import { characterClasses } from './text-shape.ts'
import { timeProfile } from './time-bins.ts'
import { type NumberFacts, orderOf, type TextFacts, type ValueFacts } from './value-facts.ts'

type Counts = Uint32Array | Float64Array

/** How often each distinct value of a column occurred, and what had no value. */
export interface Tally {
  readonly facts: ValueFacts
  /** Rows per value; a value with none counts as absent. Shape [values]. */
  readonly counts: Counts
  /** Positions of the values with rows, ascending by value if the facts are ordered; looked for when not given. */
  readonly occurring?: Uint32Array
  readonly nulls: number
  readonly invalid: number
}

/**
 * The profile of a column from its counted distinct values: every statistic is a sum over them.
 *
 * @param columnCount - Columns of the table, which share the budget of kept values.
 */
export function columnProfile(column: Column, tally: Tally, columnCount: number): ColumnProfile {
  const { facts, counts, nulls, invalid } = tally
  const occurring = tally.occurring ?? occurringIn(facts, counts)
  const valued = sumAt(counts, occurring)
  const present = countable(facts, occurring)
  const isNumber = facts.kind === 'number' && valued > 0
  return {
    column,
    rows: valued + nulls + invalid,
    nulls,
    invalid,
    distinct: { value: present.length, standardError: 0 },
    frequencies: frequenciesOf(facts, counts, { present, budget: valueBudget(columnCount) }),
    fingerprint: fingerprintOf(facts.hashes, counts, occurring),
    number: isNumber ? numberProfile(facts, counts, { present, valued }) : null,
    time: isNumber && column.storage === 'time' ? timesOf(facts, counts, present) : null,
    text:
      facts.kind === 'text' && valued > 0
        ? textProfile(facts, counts, { occurring, budget: patternBudget(columnCount) })
        : null,
  }
}

/** The numbers at some positions. */
function pick(numbers: ArrayLike<number>, positions: Uint32Array): Float64Array {
  const picked = new Float64Array(positions.length)
  for (let i = 0; i < positions.length; i++) picked[i] = numbers[positions[i]!]!
  return picked
}

function sumAt(counts: Counts, positions: Uint32Array): number {
  let sum = 0
  for (let k = 0; k < positions.length; k++) sum += counts[positions[k]!]!
  return sum
}

/** Positions of the values that occurred, ascending by value if facts are ordered. */
function occurringIn({ order }: ValueFacts, counts: Counts): Uint32Array {
  const occurring = new Uint32Array(counts.length)
  let size = 0
  for (let k = 0; k < counts.length; k++) {
    const i = order ? order[k]! : k
    if (counts[i]! > 0) occurring[size++] = i
  }
  return occurring.subarray(0, size)
}

/** Positions of the values that may be counted: NaN and the infinities may not. */
function countable(facts: ValueFacts, occurring: Uint32Array): Uint32Array {
  if (facts.kind === 'text' || facts.isFinite) return occurring
  const { values } = facts
  return occurring.filter((i) => Number.isFinite(values[i]!))
}

function frequenciesOf(
  facts: ValueFacts,
  counts: Counts,
  { present, budget }: { readonly present: Uint32Array; readonly budget: number },
): Frequencies {
  if (facts.repeats) return limited(summedByValue(facts, counts, present), budget)
  const level = present.length <= budget ? 0 : levelFor(pick(facts.levels, present), budget)
  const kept = level === 0 ? present : present.filter((i) => facts.levels[i]! >= level)
  const ascending = facts.order ? kept : orderOf(facts, kept.slice())
  const values: (number | string)[] = []
  const rows: number[] = []
  for (let i = 0; i < ascending.length; i++) {
    values.push(facts.values[ascending[i]!]!)
    rows.push(counts[ascending[i]!]!)
  }
  return { level, values: values as number[] | string[], counts: rows }
}

/** Counts by value as kept: integers beyond 2^53 may share a double, and shortened texts may be alike. */
function summedByValue(
  facts: ValueFacts,
  counts: Counts,
  present: Uint32Array,
): Map<number | string, number> {
  const sums = new Map<number | string, number>()
  for (const i of present) sums.set(facts.values[i]!, (sums.get(facts.values[i]!) ?? 0) + counts[i]!)
  return sums
}

/** Order-insensitive sum of the hashes of all rows modulo 2^64; exact below 2^37 rows. */
function fingerprintOf(hashes: Uint32Array, counts: Counts, occurring: Uint32Array): Fingerprint {
  const limbs = [0, 0, 0, 0]
  for (let k = 0; k < occurring.length; k++) {
    const i = occurring[k]!
    const count = counts[i]!
    const low = hashes[2 * i]!
    const high = hashes[2 * i + 1]!
    limbs[0]! += count * (low & 0xffff)
    limbs[1]! += count * (low >>> 16)
    limbs[2]! += count * (high & 0xffff)
    limbs[3]! += count * (high >>> 16)
  }
  return fingerprintOfSum(limbs.reduce((total, limb, i) => total + (BigInt(limb) << BigInt(16 * i)), 0n))
}

/** The fingerprint from the sum of the hashes. */
export const fingerprintOfSum = (sum: bigint): Fingerprint =>
  BigInt.asUintN(64, sum).toString(16).padStart(16, '0')

function numberProfile(
  facts: NumberFacts,
  counts: Counts,
  { present, valued }: { readonly present: Uint32Array; readonly valued: number },
): NumberProfile {
  const buckets = new Map<number, number>()
  const decimals: [number, number, number, number] = [0, 0, 0, 0]
  let finite = 0
  for (const i of present) {
    const count = counts[i]!
    finite += count
    const bucket = facts.buckets[i]!
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + count)
    decimals[facts.decimals[i]!]! += count
  }
  return {
    ...momentsOf(facts.values, counts, present),
    buckets: histogramOfMap(buckets),
    nonFinite: valued - finite,
    decimals,
  }
}

/** Extremes, mean and squares; sums are taken from the first value, so that a far-off mean costs no digits. */
function momentsOf(
  values: Float64Array,
  counts: Counts,
  present: Uint32Array,
): Pick<NumberProfile, 'min' | 'max' | 'mean' | 'squares'> {
  if (present.length === 0) return { min: 0, max: 0, mean: 0, squares: 0 }
  const origin = values[present[0]!]!
  let min = origin
  let max = origin
  let count = 0
  let sum = 0
  for (const i of present) {
    const value = values[i]!
    if (value < min) min = value
    if (value > max) max = value
    count += counts[i]!
    sum += (value - origin) * counts[i]!
  }
  const mean = Number.isFinite(sum) ? origin + sum / count : scaledMean(values, counts, present)
  let squares = 0
  for (const i of present) squares += (values[i]! - mean) ** 2 * counts[i]!
  return { min: min === 0 ? 0 : min, max: max === 0 ? 0 : max, mean, squares: capped(squares) }
}

/** The mean of numbers whose sum no double holds. */
function scaledMean(values: Float64Array, counts: Counts, present: Uint32Array): number {
  let total = 0
  for (const i of present) total += counts[i]!
  let mean = 0
  for (const i of present) mean += values[i]! * (counts[i]! / total)
  return mean
}

function timesOf(facts: NumberFacts, counts: Counts, present: Uint32Array) {
  if (present.length === 0) return null
  return timeProfile(pick(facts.values, present), pick(counts, present))
}

function textProfile(
  facts: TextFacts,
  counts: Counts,
  { occurring, budget }: { readonly occurring: Uint32Array; readonly budget: number },
): TextProfile {
  const lengths = new Float64Array(facts.longest + 1)
  const classes = new Float64Array(characterClasses.length)
  const patternCounts = new Float64Array(facts.patterns.length)
  for (let at = 0; at < occurring.length; at++) {
    const i = occurring[at]!
    const count = counts[i]!
    lengths[facts.lengths[i]!]! += count
    patternCounts[facts.patternOf[i]!]! += count
    for (let k = 0; k < classes.length; k++) classes[k]! += count * facts.characters[i * classes.length + k]!
  }
  const { index, count } = histogramOf(lengths)
  return {
    empty: lengths[0]!,
    lengths: { length: index, count },
    characters: charactersOf(classes),
    patterns: patternFrequencies(facts, patternCounts, budget),
  }
}

/** Characters by class from their sums in the order of `characterClasses`. */
export const charactersOf = (sums: ArrayLike<number>): TextProfile['characters'] => ({
  upper: sums[0]!,
  lower: sums[1]!,
  digit: sums[2]!,
  space: sums[3]!,
  other: sums[4]!,
})

function patternFrequencies(facts: TextFacts, counts: Float64Array, budget: number): Frequencies<string> {
  const present = facts.patterns.flatMap((_, i) => (counts[i]! > 0 ? [i] : []))
  const level = levelFor(
    present.map((i) => facts.patternLevels[i]!),
    budget,
  )
  const kept = present
    .filter((i) => facts.patternLevels[i]! >= level)
    .sort((a, b) => (facts.patterns[a]! < facts.patterns[b]! ? -1 : 1))
  return { level, values: kept.map((i) => facts.patterns[i]!), counts: kept.map((i) => counts[i]!) }
}
