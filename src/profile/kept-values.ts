import type { Frequencies } from '../data/profile.ts'
import { levelOf } from '../math/hash.ts'
import { levelHash, limited } from './frequencies.ts'

/** Counts of the values of a stream, kept within a budget by raising the sampling level. */
export interface KeptValues<Value extends number | string> {
  /** Values below this level need not be offered. */
  readonly level: number
  add(value: Value): void
  frequencies(): Frequencies<Value>
}

/** Opens an empty count of values. */
export function keepValues<Value extends number | string>(budget: number): KeptValues<Value> {
  const counts = new Map<Value, number>()
  let level = 0
  const raise = () => {
    level++
    for (const value of counts.keys()) if (levelOf(levelHash(value)) < level) counts.delete(value)
  }
  return {
    get level() {
      return level
    },
    add(value) {
      counts.set(value, (counts.get(value) ?? 0) + 1)
      while (counts.size > budget) raise()
    },
    frequencies: () => limited(counts, budget, { start: level }),
  }
}
