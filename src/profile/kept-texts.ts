import type { Frequencies } from '../data/profile.ts'
import { levelOf } from '../math/hash.ts'
import { levelHash, limited } from './frequencies.ts'

/** Counts of the texts of a stream, kept within a budget by raising the sampling level. */
export interface KeptTexts {
  /** Texts below this level need not be offered. */
  readonly level: number
  add(text: string): void
  frequencies(): Frequencies<string>
}

/** Opens an empty count of texts. */
export function keepTexts(budget: number): KeptTexts {
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
