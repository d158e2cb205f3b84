import type { SampleColumn } from '../data/profile.ts'
import { type Chunk, isValid } from '../engines/duckdb-vectors.ts'
import { hashNumber } from '../math/hash.ts'
import { isText, type Reading } from './reading.ts'

/** Gives each 64-bit key, as two words, the number of its first appearance: open addressing, doubling at half full. */
export function numberKeys(expected: number): {
  numberOf(low: number, high: number): number
  size(): number
} {
  let mask = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 2))) - 1
  let slots = new Int32Array(mask + 1)
  let keys = new Uint32Array(mask + 1)
  let size = 0
  const slotOf = (low: number, high: number): number => {
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & mask
    while (slots[slot] !== 0) {
      const at = 2 * (slots[slot]! - 1)
      if (keys[at] === low && keys[at + 1] === high) break
      slot = (slot + 1) & mask
    }
    return slot
  }
  const grow = () => {
    mask = mask * 2 + 1
    slots = new Int32Array(mask + 1)
    const old = keys
    keys = new Uint32Array(mask + 1)
    keys.set(old)
    for (let i = 0; i < size; i++) slots[slotOf(keys[2 * i]!, keys[2 * i + 1]!)] = i + 1
  }
  return {
    numberOf(low, high) {
      const slot = slotOf(low, high)
      if (slots[slot] !== 0) return slots[slot]! - 1
      keys[2 * size] = low
      keys[2 * size + 1] = high
      slots[slot] = ++size
      if (2 * size > mask) grow()
      return size - 1
    },
    size: () => size,
  }
}

/** Where the value, and for integers beyond 2^53 their identity, stand in the chunks. */
export interface Place {
  readonly value: number
  readonly identity: number | null
}

/** Dictionary-codes one column of some chunks; values are numbered by first appearance. */
export function encodeColumn(
  chunks: readonly Chunk[],
  reading: Reading,
  { place, rows }: { readonly place: Place; readonly rows: number },
): SampleColumn {
  const codes = new Uint32Array(rows)
  const values = isText(reading.column)
    ? encodeTexts(chunks, place.value, codes)
    : encodeNumbers(chunks, place, codes)
  return { column: reading.column, codes, values }
}

function encodeTexts(chunks: readonly Chunk[], column: number, codes: Uint32Array): string[] {
  const numbers = new Map<string, number>()
  let row = 0
  for (const chunk of chunks)
    for (const text of chunk.texts(column)) {
      if (text !== null) {
        let code = numbers.get(text)
        if (code === undefined) numbers.set(text, (code = numbers.size + 1))
        codes[row] = code
      }
      row++
    }
  return [...numbers.keys()]
}

function encodeNumbers(chunks: readonly Chunk[], place: Place, codes: Uint32Array): number[] {
  const keys = numberKeys(Math.min(codes.length, 4096))
  const values: number[] = []
  const hash = new Uint32Array(2)
  let row = 0
  for (const chunk of chunks) {
    const valid = chunk.valid(place.value)
    const numbers = chunk.numbers(place.value)
    const identities = place.identity === null ? null : chunk.words(place.identity)
    for (let i = 0; i < chunk.rowCount; i++, row++) {
      if (!isValid(valid, i)) continue
      if (identities) hash.set(identities.subarray(2 * i, 2 * i + 2))
      else hashNumber(numbers[i]!, hash, 0)
      const code = keys.numberOf(hash[0]!, hash[1]!)
      if (code === values.length) values.push(numbers[i]! + 0)
      codes[row] = code + 1
    }
  }
  return values
}
