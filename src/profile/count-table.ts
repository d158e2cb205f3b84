/**
 * Numbers kept per 53-bit integer key, in open-addressed typed arrays: a tenth of a Map's memory, and plain data.
 *
 * Of width 1 it counts, of width 0 it is a set, and of more it holds several numbers per key. They are single
 * precision: whole numbers up to 2²⁴ are exact, beyond that within 6·10⁻⁸.
 *
 * Keys are value hashes, so 0 never occurs in practice; it marks a free slot.
 */
export interface CountTable {
  keys: Float64Array
  /** Shape [slots, width]. */
  sums: Float32Array
  readonly width: number
  size: number
  /** Only keys divisible by 2^level are kept, level ≤ 32; raised when the table outgrows its budget. */
  level: number
  readonly budget: number
}

/** An empty table that keeps at most `budget` keys, sampling keys by their low bits beyond that. */
export const countTable = (budget: number, width = 1): CountTable => ({
  keys: new Float64Array(64),
  sums: new Float32Array(64 * width),
  width,
  size: 0,
  level: 0,
  budget,
})

/** True when a key of this hash is kept at `level`. */
export const isKept = (key: number, level: number): boolean =>
  level === 0 || (key & (-1 >>> (32 - level))) === 0

/** Whether a key was added (and is kept: ask `isKept` first). */
export const hasKey = (table: CountTable, key: number): boolean => table.keys[slotOf(table.keys, key)] === key

/** The number under `key` in a column, 0 when never added (or not kept: ask `isKept` first). */
export function countOf(table: CountTable, key: number, column = 0): number {
  const slot = slotOf(table.keys, key)
  return table.keys[slot] === key ? table.sums[slot * table.width + column]! : 0
}

/** Adds `rows` under `key`, growing or sampling as needed. */
export function addCount(table: CountTable, key: number, rows: number): void {
  const at = placeOf(table, key)
  if (at >= 0) table.sums[at]! += rows
}

/** Adds a key to a set; true when it is new and kept. */
export function addKey(table: CountTable, key: number): boolean {
  const before = table.size
  return placeOf(table, key) >= 0 && table.size > before
}

/**
 * Where the numbers of a key begin in `sums`, zeros when it is new; −1 when it is not kept.
 *
 * It holds until the next key is added.
 */
export function placeOf(table: CountTable, key: number): number {
  if (!isKept(key, table.level)) return -1
  const slot = slotOf(table.keys, key)
  if (table.keys[slot] === key) return slot * table.width
  table.keys[slot] = key
  table.size++
  if (table.size > table.budget) thin(table)
  else if (table.size * 3 > table.keys.length * 2) rebuild(table, table.keys.length * 2)
  else return slot * table.width
  return hasKey(table, key) ? slotOf(table.keys, key) * table.width : -1
}

/** Makes room for so many keys in an empty table, as it would grow to hold them. */
export function reserve(table: CountTable, keys: number): void {
  const capacity = capacityFor(Math.min(keys, table.budget))
  if (table.size === 0 && capacity > table.keys.length) rebuild(table, capacity)
}

/** The fewest slots, a power of two, of which so many keys fill no more than two thirds. */
const capacityFor = (keys: number): number => 2 ** Math.max(6, Math.ceil(Math.log2(keys * 1.5)))

/** Mixes both halves of a key: products of 32 bits, since remainders of doubles cost ten times as much. */
function slotOf(keys: Float64Array, key: number): number {
  const mask = keys.length - 1
  const mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul((key * 2 ** -32) | 0, 0x85ebca6b)
  let slot = (mixed ^ (mixed >>> 15)) & mask
  while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask
  return slot
}

/** Removes every key, and with them the memory; the level stays. */
export function empty(table: CountTable): void {
  table.keys = new Float64Array(64)
  table.sums = new Float32Array(64 * table.width)
  table.size = 0
}

/** Drops the keys below a level: a count of sampled keys says nothing of them. */
export function raiseLevel(table: CountTable, level: number): void {
  if (level <= table.level) return
  table.level = level
  rebuild(table, table.keys.length)
}

function thin(table: CountTable): void {
  while (table.size > table.budget) {
    table.level++
    rebuild(table, table.keys.length)
  }
}

function rebuild(table: CountTable, capacity: number): void {
  const { keys, sums, width } = table
  table.keys = new Float64Array(capacity)
  table.sums = new Float32Array(capacity * width)
  table.size = 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (key === 0 || !isKept(key, table.level)) continue
    const slot = slotOf(table.keys, key)
    table.keys[slot] = key
    for (let column = 0; column < width; column++)
      table.sums[slot * width + column] = sums[i * width + column]!
    table.size++
  }
}

/** A table without its free slots, for storing. */
export function packTable(table: CountTable): CountTable {
  const packed = {
    ...table,
    keys: new Float64Array(table.size),
    sums: new Float32Array(table.size * table.width),
  }
  const { width } = table
  let row = 0
  for (let slot = 0; slot < table.keys.length; slot++) {
    if (table.keys[slot] === 0) continue
    packed.keys[row] = table.keys[slot]!
    for (let column = 0; column < width; column++)
      packed.sums[row * width + column] = table.sums[slot * width + column]!
    row++
  }
  return packed
}

/** The table that `packTable` packed. */
export function unpackTable(packed: CountTable): CountTable {
  const table = { ...packed }
  rebuild(table, capacityFor(packed.size))
  return table
}
