import type { Frequencies } from '../data/profile.ts'
import { hashNumber, levelOf } from '../math/hash.ts'
import { levelHash, limited } from './frequencies.ts'

/** Counts of the values of a stream, kept within a budget by raising the sampling level. */
export interface KeptValues<Value extends number | string> {
  /** Values below this level need not be offered. */
  readonly level: number
  add(value: Value): void
  frequencies(): Frequencies<Value>
}

/** Opens an empty count of texts. */
export function keepTexts(budget: number): KeptValues<string> {
  const counts = new Map<string, number>()
  let level = 0
  const raise = () => {
    level++
    for (const text of counts.keys()) if (levelOf(levelHash(text)) < level) counts.delete(text)
  }
  return {
    get level() {
      return level
    },
    add(text) {
      counts.set(text, (counts.get(text) ?? 0) + 1)
      while (counts.size > budget) raise()
    },
    frequencies: () => limited(counts, budget, { start: level }),
  }
}

/**
 * Opens an empty count of numbers other than NaN: an open-addressed table, which costs a third of a Map and no garbage.
 *
 * Numbers are told apart by their hash, which is as long as they are.
 */
export function keepNumbers(budget: number): KeptValues<number> {
  const bits = Math.ceil(Math.log2(2 * budget + 2))
  const mask = 2 ** bits - 1
  const slots = new Uint16Array(mask + 1)
  const values = new Float64Array(budget + 1)
  const counts = new Float64Array(budget + 1)
  const hashes = new Uint32Array(budget + 1)
  const hash = new Uint32Array(2)
  let size = 0
  let level = 0
  /** The slot of a number, or the free one where it belongs; by the highest bits, which no level fixes. */
  const slotOf = (value: number, low: number): number => {
    let slot = low >>> (32 - bits)
    while (slots[slot] !== 0 && values[slots[slot]! - 1] !== value) slot = (slot + 1) & mask
    return slot
  }
  const raise = () => {
    level++
    const before = size
    size = 0
    slots.fill(0)
    for (let i = 0; i < before; i++) {
      if (levelOf(hashes[i]!) < level) continue
      values[size] = values[i]!
      counts[size] = counts[i]!
      hashes[size] = hashes[i]!
      slots[slotOf(values[i]!, hashes[i]!)] = ++size
    }
  }
  return {
    get level() {
      return level
    },
    add(value) {
      hashNumber(value, hash, 0)
      if (levelOf(hash[0]!) < level) return
      const slot = slotOf(value, hash[0]!)
      if (slots[slot] !== 0) {
        counts[slots[slot]! - 1]! += 1
        return
      }
      values[size] = value
      counts[size] = 1
      hashes[size] = hash[0]!
      slots[slot] = ++size
      while (size > budget) raise()
    },
    frequencies() {
      const ascending = values.slice(0, size).sort()
      const countOf = (value: number): number => {
        hashNumber(value, hash, 0)
        return counts[slots[slotOf(value, hash[0]!)]! - 1]!
      }
      return { level, values: Array.from(ascending), counts: Array.from(ascending, countOf) }
    },
  }
}
