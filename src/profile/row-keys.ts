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
 * Exact up to collisions of the hash: below 10⁻⁸ expected at a million rows. Reorders `words`.
 */
export function countRows(words: Uint32Array): RowCounts {
  const keys = new BigUint64Array(words.buffer, words.byteOffset, words.length >> 1).sort()
  const lows: number[] = []
  const highs: number[] = []
  const counts: number[] = []
  for (let i = 0; i < keys.length; i++) {
    if (i > 0 && words[2 * i] === lows.at(-1) && words[2 * i + 1] === highs.at(-1)) {
      counts[counts.length - 1]!++
      continue
    }
    lows.push(words[2 * i]!)
    highs.push(words[2 * i + 1]!)
    counts.push(1)
  }
  return {
    duplicateRows: { value: keys.length - counts.length, standardError: 0 },
    rowKeys: keyFrequencies(lows, highs, counts),
  }
}

/** Row keys within the budget, from distinct hashes in ascending order. */
export function keyFrequencies(
  lows: ArrayLike<number>,
  highs: ArrayLike<number>,
  counts: ArrayLike<number>,
): Frequencies<string> {
  const levels = Uint8Array.from(lows, levelOf)
  const level = levelFor(levels, ROW_KEY_BUDGET)
  const values: string[] = []
  const kept: number[] = []
  levels.forEach((own, i) => {
    if (own < level) return
    values.push(hex64(lows[i]!, highs[i]!))
    kept.push(counts[i]!)
  })
  return { level, values, counts: kept }
}
