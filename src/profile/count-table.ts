/**
 * Counts by 53-bit integer key, in open-addressed typed arrays: a tenth of a Map's memory, and plain data.
 *
 * Counts are single precision: whole numbers up to 2²⁴ are exact, beyond that within 6·10⁻⁸.
 *
 * Keys are value hashes, so 0 never occurs in practice; it marks a free slot.
 */
export interface CountTable {
  keys: Float64Array
  counts: Float32Array
  size: number
  /** Only keys divisible by 2^level are kept; raised when the table outgrows its budget. */
  level: number
  readonly budget: number
}

/** An empty table that keeps at most `budget` keys, sampling keys by their low bits beyond that. */
export const countTable = (budget: number): CountTable => ({
  keys: new Float64Array(64),
  counts: new Float32Array(64),
  size: 0,
  level: 0,
  budget,
})

/** True when a key of this hash is kept at `level`. */
export const isKept = (key: number, level: number): boolean => level === 0 || key % 2 ** level === 0

/** Rows counted under `key`, 0 when never added (or not kept: ask `isKept` first). */
export function countOf(table: CountTable, key: number): number {
  const slot = slotOf(table.keys, key)
  return table.keys[slot] === key ? table.counts[slot]! : 0
}

/** Adds `rows` under `key`, growing or sampling as needed. */
export function addCount(table: CountTable, key: number, rows: number): void {
  if (!isKept(key, table.level)) return
  const slot = slotOf(table.keys, key)
  if (table.keys[slot] === key) {
    table.counts[slot]! += rows
    return
  }
  table.keys[slot] = key
  table.counts[slot] = rows
  table.size++
  if (table.size > table.budget) thin(table)
  else if (table.size * 2 > table.keys.length) rebuild(table, table.keys.length * 2)
}

/** Replaces the count under `key`. */
export function setCount(table: CountTable, key: number, value: number): void {
  addCount(table, key, value - countOf(table, key))
}

function slotOf(keys: Float64Array, key: number): number {
  const mask = keys.length - 1
  let slot = (Math.imul((key % 0x100000000) | 0, 0x9e3779b1) ^ (key / 0x200000)) & mask
  while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask
  return slot
}

function thin(table: CountTable): void {
  while (table.size > table.budget) {
    table.level++
    rebuild(table, table.keys.length)
  }
}

function rebuild(table: CountTable, capacity: number): void {
  const { keys, counts } = table
  table.keys = new Float64Array(capacity)
  table.counts = new Float32Array(capacity)
  table.size = 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (key === 0 || !isKept(key, table.level)) continue
    const slot = slotOf(table.keys, key)
    table.keys[slot] = key
    table.counts[slot] = counts[i]!
    table.size++
  }
}
