import type { Column } from '../data/column.ts'
import type { SampleColumn } from '../data/profile.ts'
import { hashNumber, hashText } from '../math/hash.ts'
import { countingUp, orderOfNumbers } from '../math/rank.ts'
import { LONGEST_TEXT, shortened } from './frequencies.ts'
import { decimalsOf, decimalsOfSingle } from './number-shape.ts'
import { characterClasses, countCharacters, LONGEST_LENGTH, patternOf } from './text-shape.ts'

interface AnyFacts {
  /** Stable hashes, low and high half per value. Shape [2 × values]. */
  readonly hashes: Uint32Array
  /** Whether distinct entries may look alike here: integers that share a double, texts cut short. */
  readonly repeats: boolean
}

/** What follows from each distinct number alone, whatever its count. */
export interface NumberFacts extends AnyFacts {
  readonly kind: 'number'
  readonly values: Float64Array
  /** Whether all values are. */
  readonly isFinite: boolean
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
  /** Found when first asked for. */
  readonly patterns: PatternFacts
}

/** The patterns of texts. */
export interface PatternFacts {
  /** Position in `names` per text. */
  readonly of: Uint32Array
  readonly names: readonly string[]
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

/** Facts of a dictionary, and the order of its values. */
export interface OrderedFacts {
  readonly facts: ValueFacts
  /** Positions of the values in ascending order. */
  readonly order: Uint32Array
  /** Place of each value in `order`. */
  readonly rank: Uint32Array
}

const remembered = new WeakMap<SampleColumn, OrderedFacts>()

/** Facts of a sample's dictionary, with their order, computed once per sample column however often it is profiled. */
export function sampleFacts(sampleColumn: SampleColumn): OrderedFacts {
  let known = remembered.get(sampleColumn)
  if (!known) {
    const facts = valueFacts(sampleColumn.column, sampleColumn.values)
    const order = orderOf(facts, countingUp(facts.values.length))
    known = { facts, order, rank: inverseOf(order) }
    remembered.set(sampleColumn, known)
  }
  return known
}

function inverseOf(order: Uint32Array): Uint32Array {
  const rank = new Uint32Array(order.length)
  for (let k = 0; k < order.length; k++) rank[order[k]!] = k
  return rank
}

/** The positions, sorted by ascending value, those of equal values as given: the same ones when they are sorted already. */
export function orderOf(facts: ValueFacts, positions: Uint32Array): Uint32Array {
  if (facts.kind === 'number') return orderOfNumbers(facts.values, positions)
  const texts = facts.values
  if (isAscending(texts, positions)) return positions
  return positions.toSorted((a, b) => (texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : 0))
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
  const decimals = new Uint8Array(size)
  let repeats = false
  let allFinite = true
  const decimalsIn = type === 'FLOAT' ? decimalsOfSingle : decimalsOf
  for (let i = 0; i < size; i++) {
    const value = (values[i]! += 0) // −0 becomes 0
    repeats ||= Math.abs(value) > Number.MAX_SAFE_INTEGER
    allFinite &&= Number.isFinite(value)
    hashNumber(value, hashes, 2 * i)
    decimals[i] = decimalsIn(value)
  }
  return { kind: 'number', values, isFinite: allFinite, hashes, repeats, decimals }
}

function textFacts(texts: readonly string[]): TextFacts {
  const size = texts.length
  const hashes = new Uint32Array(2 * size)
  const lengths = new Uint16Array(size)
  const characters = new Uint32Array(characterClasses.length * size)
  let longest = 0
  for (let i = 0; i < size; i++) {
    const text = texts[i]!
    hashText(text, hashes, 2 * i)
    countCharacters(text, characters, characterClasses.length * i)
    lengths[i] = Math.min(text.length, LONGEST_LENGTH)
    longest = Math.max(longest, text.length)
  }
  const repeats = longest > LONGEST_TEXT
  let patterns: PatternFacts | undefined
  return {
    kind: 'text',
    values: repeats ? texts.map(shortened) : texts,
    hashes,
    repeats,
    lengths,
    longest: Math.min(longest, LONGEST_LENGTH),
    characters,
    get patterns() {
      return (patterns ??= patternsOf(texts))
    },
  }
}

function patternsOf(texts: readonly string[]): PatternFacts {
  const numbers = new Map<string, number>()
  const patternNumbers = new Uint32Array(texts.length)
  for (let i = 0; i < texts.length; i++) {
    const pattern = patternOf(texts[i]!)
    let number = numbers.get(pattern)
    if (number === undefined) numbers.set(pattern, (number = numbers.size))
    patternNumbers[i] = number
  }
  return { of: patternNumbers, names: [...numbers.keys()] }
}
