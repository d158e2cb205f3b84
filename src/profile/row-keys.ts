import type { Estimate, RowKeys } from '../data/profile.ts'
import { levelOf } from '../math/hash.ts'
import { levelFor } from './frequencies.ts'

/** Row keys kept per profile. */
export const ROW_KEY_BUDGET = 2 ** 16

/** What a profile says of whole rows. */
export interface RowCounts {
  readonly duplicateRows: Estimate
  readonly rowKeys: RowKeys
}

/** No rows. */
export const noRowKeys: RowKeys = { level: 0, words: new Uint32Array(0), counts: new Float64Array(0) }

/**
 * Counts rows by their 64-bit hashes, given as words low, high, low, high …
 *
 * Exact up to collisions of the hash: below 10⁻⁸ expected at a million rows. Reorders `words`.
 */
export function countRows(words: Uint32Array): RowCounts {
  const all = runsOf(words, 0)
  return {
    duplicateRows: { value: (words.length >> 1) - all.counts.length, standardError: 0 },
    rowKeys: withinBudget(all),
  }
}

/** The row keys within the budget of hashes that are all of level `start` or above, given as words; reorders them. */
export const rowKeysOf = (words: Uint32Array, start: number): RowKeys => withinBudget(runsOf(words, start))

/** Sorts hashes and counts those that are equal. */
function runsOf(words: Uint32Array, level: number): RowKeys {
  new BigUint64Array(words.buffer, words.byteOffset, words.length >> 1).sort()
  const into = openKeys(words.length >> 1)
  for (let i = 0; i < words.length; i += 2) into.add(words[i]!, words[i + 1]!, 1)
  return into.keys(level)
}

/** Takes hashes in ascending order, at most so many, and adds up the counts of equal ones. */
function openKeys(most: number) {
  const words = new Uint32Array(2 * most)
  const counts = new Float64Array(most)
  let size = 0
  return {
    add(low: number, high: number, count: number): void {
      if (size === 0 || words[2 * size - 2] !== low || words[2 * size - 1] !== high) {
        words[2 * size] = low
        words[2 * size + 1] = high
        size++
      }
      counts[size - 1]! += count
    },
    keys: (level: number): RowKeys => ({
      level,
      words: words.slice(0, 2 * size),
      counts: counts.slice(0, size),
    }),
  }
}

function withinBudget(keys: RowKeys): RowKeys {
  const levels = new Uint8Array(keys.counts.length)
  for (let k = 0; k < levels.length; k++) levels[k] = levelOf(keys.words[2 * k]!)
  return atLevel(keys, levelFor(levels, ROW_KEY_BUDGET, keys.level))
}

/** The keys whose hash is of a level or above. */
function atLevel(keys: RowKeys, level: number): RowKeys {
  if (level <= keys.level) return keys
  const kept = openKeys(keys.counts.length)
  for (let k = 0; k < keys.counts.length; k++)
    if (levelOf(keys.words[2 * k]!) >= level)
      kept.add(keys.words[2 * k]!, keys.words[2 * k + 1]!, keys.counts[k]!)
  return kept.keys(level)
}

/** The row keys of both, and how many distinct ones they share among those of `level`, which both kept. */
export function mergeRowKeys(
  a: RowKeys,
  b: RowKeys,
): { readonly rowKeys: RowKeys; readonly common: number; readonly level: number } {
  const level = Math.max(a.level, b.level)
  const [left, right] = [atLevel(a, level), atLevel(b, level)]
  const into = openKeys(left.counts.length + right.counts.length)
  let i = 0
  let j = 0
  while (i < left.counts.length || j < right.counts.length) {
    const isLeft = isBefore(left, i, right, j)
    const [side, k] = isLeft ? [left, i++] : [right, j++]
    into.add(side.words[2 * k]!, side.words[2 * k + 1]!, side.counts[k]!)
  }
  const both = into.keys(level)
  const common = left.counts.length + right.counts.length - both.counts.length
  return { rowKeys: withinBudget(both), common, level }
}

/** Whether the key at `i` comes no later than the other side's at `j`; a side that is used up comes last. */
function isBefore({ words }: RowKeys, i: number, { words: others }: RowKeys, j: number): boolean {
  if (2 * i >= words.length || 2 * j >= others.length) return 2 * i < words.length
  const [high, otherHigh] = [words[2 * i + 1]!, others[2 * j + 1]!]
  return high < otherHigh || (high === otherHigh && words[2 * i]! <= others[2 * j]!)
}

/** Each key as one number: its last 52 bits. */
export function rowKeyNumbers({ words, counts }: RowKeys): Float64Array {
  const numbers = new Float64Array(counts.length)
  for (let k = 0; k < numbers.length; k++)
    numbers[k] = (words[2 * k + 1]! & 0xfffff) * 2 ** 32 + words[2 * k]!
  return numbers
}
