import type { Frequencies } from '../data/profile.ts'
import { hashNumber, hashText, hex32, levelOf } from '../math/hash.ts'

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

/** Distinct values kept per column of a table with so many columns. */
export const valueBudget = (columnCount: number): number =>
  clamp(Math.floor(2 ** 18 / Math.max(1, columnCount)), 256, 16384)

/** Distinct patterns kept per text column: a quarter of the values, since texts have fewer shapes than values. */
export const patternBudget = (columnCount: number): number => clamp(valueBudget(columnCount) / 4, 256, 4096)

/** Characters up to which frequencies keep a text as it is. */
export const LONGEST_TEXT = 256
const scratch = new Uint32Array(2)

/** A text as frequencies keep it: beyond 256 characters its beginning, `…#` and 8 hex digits of its hash. */
export function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) return text
  hashText(text, scratch, 0)
  const last = text.charCodeAt(LONGEST_TEXT - 1)
  const splitsPair = last >= 0xd800 && last < 0xdc00
  return `${text.slice(0, splitsPair ? LONGEST_TEXT - 1 : LONGEST_TEXT)}…#${hex32(scratch[0]!)}`
}

/** The stable hash, low half, that decides up to which level a value or pattern is kept. */
export function levelHash(value: number | string): number {
  if (typeof value === 'number') hashNumber(value, scratch, 0)
  else hashText(value, scratch, 0)
  return scratch[0]!
}

/** The smallest level, from `start` on, at which at most `budget` of the values with these highest levels are kept. */
export function levelFor(levels: ArrayLike<number>, budget: number, start = 0): number {
  const atLevel = new Uint32Array(33)
  let kept = 0
  for (let i = 0; i < levels.length; i++) {
    const own = levels[i]!
    if (own < start) continue
    atLevel[own]!++
    kept++
  }
  let level = start
  while (kept > budget && level < 32) kept -= atLevel[level++]!
  return level
}

/** Canonical order of values: numbers ascending, texts by code unit. */
const ascending = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The frequencies that keep what fits the budget, at the smallest level, from `start` on, that does. */
export function limited<Value extends number | string>(
  counts: ReadonlyMap<Value, number>,
  budget: number,
  { start = 0 }: { readonly start?: number } = {},
): Frequencies<Value> {
  const levels = new Map([...counts.keys()].map((value) => [value, levelOf(levelHash(value))]))
  const level = levelFor([...levels.values()], budget, start)
  const values = [...counts.keys()].filter((value) => levels.get(value)! >= level).sort(ascending)
  return { level, values, counts: values.map((value) => counts.get(value)!) }
}

/** Frequencies of the rows of both, exactly as if they had been counted together. */
export function mergeFrequencies<Value extends number | string>(
  a: Frequencies<Value>,
  b: Frequencies<Value>,
  budget: number,
): Frequencies<Value> {
  const start = Math.max(a.level, b.level)
  const counts = new Map<Value, number>()
  for (const side of [a, b])
    side.values.forEach((value, i) => {
      counts.set(value, (counts.get(value) ?? 0) + side.counts[i]!)
    })
  return limited(counts, budget, { start })
}

/** Values that both kept at the higher of their two levels, and that level. */
export function commonValues<Value extends number | string>(
  a: Frequencies<Value>,
  b: Frequencies<Value>,
): { readonly common: number; readonly level: number } {
  const level = Math.max(a.level, b.level)
  const seen = new Set(a.values)
  let common = 0
  for (const value of b.values) if (seen.has(value) && levelOf(levelHash(value)) >= level) common++
  return { common, level }
}
