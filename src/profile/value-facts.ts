import type { Column } from '../data/column.ts'
import type { SampleColumn } from '../data/profile.ts'
import { hashNumber, hashText, levelOf } from '../math/hash.ts'
import { orderOfNumbers } from '../math/rank.ts'
import { shortened } from './frequencies.ts'
import { bucketOf, decimalsOf, decimalsOfSingle } from './number-shape.ts'
import { characterClasses, countCharacters, LONGEST_LENGTH, patternOf } from './text-shape.ts'

interface AnyFacts {
  /** Stable hashes, low and high half per value. Shape [2 × values]. */
  readonly hashes: Uint32Array
  /** Highest sampling level at which each value is kept. */
  readonly levels: Uint8Array
  /** Positions of the values in ascending order, once someone needs them again and again. */
  readonly order: Uint32Array | null
  /** Place of each value in `order`. */
  readonly rank: Uint32Array | null
  /** Whether distinct entries may look alike here: integers that share a double, texts cut short. */
  readonly repeats: boolean
}

/** What follows from each distinct number alone, whatever its count. */
export interface NumberFacts extends AnyFacts {
  readonly kind: 'number'
  readonly values: Float64Array
  /** Whether all values are. */
  readonly isFinite: boolean
  readonly buckets: Uint32Array
  readonly decimals: Uint8Array
}

/** What follows from each distinct text alone, whatever its count. */
export interface TextFacts extends AnyFacts {
  readonly kind: 'text'
  /** Texts as frequencies keep them: shortened. */
  readonly values: readonly string[]
  /** Capped at 4096. */
  readonly lengths: Uint16Array
  readonly longest: number
  /** Characters by class. Shape [5 × values]. */
  readonly characters: Uint32Array
  /** Position in `patterns` per value. */
  readonly patternOf: Uint32Array
  readonly patterns: readonly string[]
  readonly patternLevels: Uint8Array
}

export type ValueFacts = NumberFacts | TextFacts

/** Facts of the distinct values of a column; costs some 100 ns per value, so once per dictionary. */
export const valueFacts = (
  column: Column,
  values: readonly number[] | readonly string[] | Float64Array,
): ValueFacts =>
  column.storage === 'string' || column.storage === 'nested'
    ? textFacts(values as readonly string[])
    : numberFacts(values as ArrayLike<number>, column.type)

const remembered = new WeakMap<SampleColumn, ValueFacts>()

/** Facts of a sample's dictionary, with their order, computed once per sample column however often it is profiled. */
export function sampleFacts(sampleColumn: SampleColumn): ValueFacts {
  let facts = remembered.get(sampleColumn)
  if (!facts) {
    const unordered = valueFacts(sampleColumn.column, sampleColumn.values)
    const order = orderOf(unordered, countingUp(unordered.levels.length))
    facts = { ...unordered, order, rank: inverseOf(order) }
    remembered.set(sampleColumn, facts)
  }
  return facts
}

function countingUp(size: number): Uint32Array {
  const numbers = new Uint32Array(size)
  for (let i = 0; i < size; i++) numbers[i] = i
  return numbers
}

function inverseOf(order: Uint32Array): Uint32Array {
  const rank = new Uint32Array(order.length)
  for (let k = 0; k < order.length; k++) rank[order[k]!] = k
  return rank
}

/** The positions, sorted by ascending value, those of equal values as given. */
export function orderOf(facts: ValueFacts, positions: Uint32Array): Uint32Array {
  if (facts.kind === 'number') return orderOfNumbers(facts.values, positions)
  const texts = facts.values
  if (isAscending(texts, positions)) return positions
  return positions.sort((a, b) => (texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : 0))
}

function isAscending(texts: readonly string[], positions: Uint32Array): boolean {
  for (let k = 1; k < positions.length; k++)
    if (texts[positions[k - 1]!]! > texts[positions[k]!]!) return false
  return true
}

function numberFacts(source: ArrayLike<number>, type: string): NumberFacts {
  const size = source.length
  const values = new Float64Array(source)
  const hashes = new Uint32Array(2 * size)
  const levels = new Uint8Array(size)
  const buckets = new Uint32Array(size)
  const decimals = new Uint8Array(size)
  let repeats = false
  let allFinite = true
  const decimalsIn = type === 'FLOAT' ? decimalsOfSingle : decimalsOf
  for (let i = 0; i < size; i++) {
    const value = (values[i]! += 0) // −0 becomes 0
    repeats ||= Math.abs(value) > Number.MAX_SAFE_INTEGER
    allFinite &&= Number.isFinite(value)
    hashNumber(value, hashes, 2 * i)
    levels[i] = levelOf(hashes[2 * i]!)
    buckets[i] = bucketOf(value)
    decimals[i] = decimalsIn(value)
  }
  return {
    kind: 'number',
    values,
    isFinite: allFinite,
    hashes,
    levels,
    order: null,
    rank: null,
    repeats,
    buckets,
    decimals,
  }
}

function textFacts(texts: readonly string[]): TextFacts {
  const size = texts.length
  const hashes = new Uint32Array(2 * size)
  const levels = new Uint8Array(size)
  const lengths = new Uint16Array(size)
  const characters = new Uint32Array(characterClasses.length * size)
  const values = texts.map(shortened)
  const scratch = new Uint32Array(2)
  texts.forEach((text, i) => {
    hashText(text, hashes, 2 * i)
    if (values[i] !== text) hashText(values[i]!, scratch, 0)
    levels[i] = levelOf(values[i] === text ? hashes[2 * i]! : scratch[0]!)
    lengths[i] = Math.min(text.length, LONGEST_LENGTH)
    countCharacters(text, characters, characterClasses.length * i)
  })
  const repeats = values.some((value, i) => value !== texts[i])
  return {
    kind: 'text',
    values,
    hashes,
    levels,
    order: null,
    rank: null,
    repeats,
    lengths,
    longest: lengths.reduce((longest, length) => Math.max(longest, length), 0),
    characters,
    ...patternFacts(texts),
  }
}

function patternFacts(texts: readonly string[]): Pick<TextFacts, 'patternOf' | 'patterns' | 'patternLevels'> {
  const numbers = new Map<string, number>()
  const patternNumbers = new Uint32Array(texts.length)
  texts.forEach((text, i) => {
    const pattern = patternOf(text)
    let number = numbers.get(pattern)
    if (number === undefined) numbers.set(pattern, (number = numbers.size))
    patternNumbers[i] = number
  })
  const patterns = [...numbers.keys()]
  return { patternOf: patternNumbers, patterns, patternLevels: patternLevelsOf(patterns) }
}

function patternLevelsOf(patterns: readonly string[]): Uint8Array {
  const hash = new Uint32Array(2)
  return Uint8Array.from(patterns, (pattern) => {
    hashText(pattern, hash, 0)
    return levelOf(hash[0]!)
  })
}
