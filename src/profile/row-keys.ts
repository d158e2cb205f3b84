import type { Estimate, Frequencies } from '../data/profile.ts'
import { hex64, levelOf } from '../math/hash.ts'
import { levelFor, ROW_KEY_BUDGET } from './frequencies.ts'

/** What a profile says of whole rows. */
export interface RowCounts {
  readonly duplicateRows: Estimate
  readonly rowKeys: Frequencies<string>
}

/**
 * Counts rows by their 64-bit hashes, given as words low, high, low, high …
 *
 * Exact up to collisions of the hash: below 10⁻⁸ expected at a million rows. Reorders `words`,
 * which must stay as they are while keys may be asked for.
 */
export function countRows(words: Uint32Array): RowCounts {
  new BigUint64Array(words.buffer, words.byteOffset, words.length >> 1).sort()
  const rows = words.length >> 1
  const counts = new Uint32Array(rows)
  let distinct = 0
  for (let i = 0, first = 0; i < rows; i++) {
    if (words[2 * i] !== words[2 * first] || words[2 * i + 1] !== words[2 * first + 1]) first = i
    if (counts[first]! === 0) distinct++
    counts[first]!++
  }
  let rowKeys: RowCounts['rowKeys'] | undefined
  return {
    duplicateRows: { value: rows - distinct, standardError: 0 },
    get rowKeys() {
      return (rowKeys ??= keyFrequencies(words, counts, 0))
    },
  }
}

/**
 * Row keys within the budget, from hashes of at least level `start` as words low, high, low, high …
 *
 * @param counts - Rows per hash; 0 where there is none. Shape [words / 2].
 */
export function keyFrequencies(words: Uint32Array, counts: Uint32Array, start: number): Frequencies<string> {
  const levels = levelsOf(words, counts)
  const level = levelFor(levels, ROW_KEY_BUDGET, start)
  let size = 0
  for (let i = 0; i < levels.length; i++) if (levels[i]! >= level) size++
  const kept = new BigUint64Array(size)
  const keptWords = new Uint32Array(kept.buffer)
  const repeated = new Map<string, number>()
  // Few keys repeat: their low halves spare the others a look-up by text.
  const repeatedLows = new Set<number>()
  for (let i = 0, k = 0; i < levels.length; i++) {
    if (levels[i]! < level) continue
    keptWords[k++] = words[2 * i]!
    keptWords[k++] = words[2 * i + 1]!
    if (counts[i]! === 1) continue
    repeated.set(hex64(words[2 * i]!, words[2 * i + 1]!), counts[i]!)
    repeatedLows.add(words[2 * i]!)
  }
  kept.sort()
  const values = hexOfAll(kept)
  const counted = values.map((key, k) => (repeatedLows.has(keptWords[2 * k]!) ? (repeated.get(key) ?? 1) : 1))
  return { level, values, counts: counted }
}

/** Sixteen hex digits of each number, cut from one text: that is cheaper than one text each. */
function hexOfAll(numbers: BigUint64Array): string[] {
  const bytes = Buffer.from(numbers.slice().buffer)
  const hex = bytes.swap64().toString('hex')
  return Array.from(numbers, (_, k) => hex.slice(16 * k, 16 * k + 16))
}

/** Highest level of each hash that occurred, −1 of those that did not. */
function levelsOf(words: Uint32Array, counts: Uint32Array): Int8Array {
  const levels = new Int8Array(counts.length).fill(-1)
  for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) levels[i] = levelOf(words[2 * i]!)
  return levels
}
