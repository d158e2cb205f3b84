// AssemblyScript, not TypeScript: compiled by scripts/build-kernel.mjs into kernel.wasm.ts.
// Every pointer is a byte offset into the module's own memory, laid out by kernel.ts. No runtime, no allocation.
// Hashes, classes and buckets are those of math/hash.ts, text-shape.ts and number-shape.ts; tests hold them together.

@inline function mix32(bits: u32): u32 {
  let x: u32 = (bits ^ (bits >>> 16)) * 0x85ebca6b
  x = (x ^ (x >>> 13)) * 0xc2b2ae35
  return x ^ (x >>> 16)
}

@inline function scramble(low: u32, high: u32): u64 {
  const high1 = high ^ mix32(low ^ 0x9e3779b9)
  const low1 = low ^ mix32(high1 ^ 0x7f4a7c15)
  const high2 = high1 ^ mix32(low1 ^ 0xf39cc060)
  const low2 = low1 ^ mix32(high2 ^ 0x5cedc834)
  return (u64(high2) << 32) | u64(low2)
}

/** The bits that `scramble` made this of: its four rounds, backwards. */
@inline function unscramble(hash: u64): u64 {
  const high2 = u32(hash >>> 32)
  const low1 = u32(hash) ^ mix32(high2 ^ 0x5cedc834)
  const high1 = high2 ^ mix32(low1 ^ 0xf39cc060)
  const low = low1 ^ mix32(high1 ^ 0x7f4a7c15)
  return (u64(high1 ^ mix32(low ^ 0x9e3779b9)) << 32) | u64(low)
}

@inline function isValid(valid: usize, row: i32): bool {
  return !valid || ((load<u8>(valid + (row >> 3)) >> u8(row & 7)) & 1) != 0
}

@inline function increment(slot: usize): void {
  store<u32>(slot, load<u32>(slot) + 1)
}

@inline function decimalsOf(value: f64): i32 {
  if (trunc(value) == value) return 0
  if (nearest(value * 10) / 10 == value) return 1
  return nearest(value * 100) / 100 == value ? 2 : 3
}

@inline function decimalsOfSingle(value: f64): i32 {
  if (trunc(value) == value) return 0
  if (f64(f32(nearest(value * 10) / 10)) == value) return 1
  return f64(f32(nearest(value * 100) / 100)) == value ? 2 : 3
}

// State of a number column, offsets in bytes: 0 finite values (f64), 8 mean, 16 squares, 24 min, 32 max, 40 non-finite
// (u32), 44 values beyond 2^53 (u32), 48 decimals (4 × u32), 64 fingerprint (u64).

/**
 * Streams up to 2048 doubles into a column's state and buckets.
 *
 * Hashes (or, when given, identities) of the finite values go to `hashes`; `counter` counts the values by their hashes.
 * Moments are taken twice over the chunk and joined by Chan's formula. Returns the finite values.
 */
export function numbers(
  values: usize, valid: usize, identities: usize, count: i32, single: bool,
  state: usize, buckets: usize, counter: usize, hashes: usize,
): i32 {
  let out = hashes
  let min = load<f64>(state, 24)
  let max = load<f64>(state, 32)
  let fingerprint = load<u64>(state, 64)
  let sum: f64 = 0
  let origin: f64 = 0
  for (let i = 0; i < count; i++) {
    if (!isValid(valid, i)) continue
    let value = load<f64>(values + (usize(i) << 3))
    if (value == 0) value = 0
    const bits = value == value ? reinterpret<u64>(value) : 0x7ff8000000000000
    const hash = scramble(u32(bits), u32(bits >>> 32))
    fingerprint += hash
    if (!(abs(value) <= f64.MAX_VALUE)) {
      increment(state + 40)
      continue
    }
    if (abs(value) > 9007199254740991) increment(state + 44)
    if (out == hashes) origin = value
    sum += value - origin
    min = value < min ? value : min
    max = value > max ? value : max
    increment(buckets + (usize(bits >>> 46) << 2))
    increment(state + 48 + (usize(single ? decimalsOfSingle(value) : decimalsOf(value)) << 2))
    store<u64>(out, identities ? load<u64>(identities + (usize(i) << 3)) : hash)
    out += 8
    countKey(hash, counter)
  }
  const added = i32((out - hashes) >> 3)
  store<f64>(state, min, 24)
  store<f64>(state, max, 32)
  store<u64>(state, fingerprint, 64)
  if (added > 0) addMoments(values, valid, count, state, added, origin + sum / f64(added))
  return added
}

function addMoments(values: usize, valid: usize, count: i32, state: usize, added: i32, mean: f64): void {
  let squares: f64 = 0
  for (let i = 0; i < count; i++) {
    const value = load<f64>(values + (usize(i) << 3))
    if (!isValid(valid, i) || !(abs(value) <= f64.MAX_VALUE)) continue
    squares += (value - mean) * (value - mean)
  }
  const before = load<f64>(state)
  const all = before + f64(added)
  const gap = mean - load<f64>(state, 8)
  store<f64>(state, all)
  store<f64>(state, before == 0 ? mean : load<f64>(state, 8) + gap * (f64(added) / all), 8)
  store<f64>(state, load<f64>(state, 16) + squares + (before == 0 ? 0 : gap * gap * (before * (f64(added) / all))), 16)
}

/**
 * Counts instants by aligned bins of 2^widthLog2 ms in an open-addressing table (bins f64, counts u32); stops at
 * `limit` occupied bins. `used` holds how many are (u32). Returns the rows done.
 */
export function bins(
  values: usize, valid: usize, from: i32, count: i32, width: f64,
  keys: usize, counts: usize, slots: i32, used: usize, limit: u32,
): i32 {
  const wrap = u32(slots - 1)
  for (let i = from; i < count; i++) {
    const value = load<f64>(values + (usize(i) << 3))
    if (!isValid(valid, i) || !(abs(value) <= f64.MAX_VALUE)) continue
    const bin = floor(value / width)
    let slot = (u32(i64(bin)) * 0x9e3779b1) >>> 7 & wrap
    while (load<u32>(counts + (usize(slot) << 2)) != 0 && load<f64>(keys + (usize(slot) << 3)) != bin) slot = (slot + 1) & wrap
    if (load<u32>(counts + (usize(slot) << 2)) == 0) {
      if (load<u32>(used) == limit) return i
      store<f64>(keys + (usize(slot) << 3), bin)
      increment(used)
    }
    increment(counts + (usize(slot) << 2))
  }
  return count
}

/** Moves a table of bins into an empty one of twice the width. */
export function coarsen(keys: usize, counts: usize, slots: i32, toKeys: usize, toCounts: usize, used: usize): void {
  const wrap = u32(slots - 1)
  store<u32>(used, 0)
  for (let s = 0; s < slots; s++) {
    const count = load<u32>(counts + (usize(s) << 2))
    if (count == 0) continue
    const bin = floor(load<f64>(keys + (usize(s) << 3)) / 2)
    let slot = (u32(i64(bin)) * 0x9e3779b1) >>> 7 & wrap
    while (load<u32>(toCounts + (usize(slot) << 2)) != 0 && load<f64>(toKeys + (usize(slot) << 3)) != bin) slot = (slot + 1) & wrap
    const counter = toCounts + (usize(slot) << 2)
    if (load<u32>(counter) == 0) {
      store<f64>(toKeys + (usize(slot) << 3), bin)
      increment(used)
    }
    store<u32>(counter, load<u32>(counter) + count)
  }
}

// Character classes of text-shape.ts: 0 upper, 1 lower, 2 digit, 3 space, 4 other.
@inline function classOf(unit: u32): u32 {
  if (unit >= 128) return 4
  if (unit - 65 < 26) return 0
  if (unit - 97 < 26) return 1
  if (unit - 48 < 10) return 2
  return unit == 32 || unit - 9 < 5 ? 3 : 4
}

@inline function runOf(unit: u32, kind: u32): u32 {
  if (unit >= 128) return 117
  return kind == 0 ? 65 : kind == 1 ? 97 : kind == 2 ? 57 : 0
}

@inline function lowStep(low: u32, unit: u32): u32 {
  const x: u32 = (low ^ unit) * 0x9e3779b1
  return x ^ (x >>> 15)
}

@inline function highStep(high: u32, unit: u32): u32 {
  const x: u32 = (high ^ unit) * 0x85ebca77
  return x ^ (x >>> 13)
}

/** Tells the entries of a chunk's long texts where these are: one behind the other at `long`, in the order of the rows. */
export function placeTexts(entries: usize, valid: usize, count: i32, long: usize): void {
  let at = long
  for (let i = 0; i < count; i++) {
    const entry = entries + (usize(i) << 4)
    const size = load<u32>(entry)
    if (size <= 12 || !isValid(valid, i)) continue
    store<u32>(entry, u32(at), 8)
    at += size
  }
}

/** Where the bytes of a placed text are: short ones lie in their entry. */
@inline function textIn(entry: usize): usize {
  return load<u32>(entry) <= 12 ? entry + 4 : load<u32>(entry, 8)
}

// State of a text column: 0 characters by class (5 × u64), 40 fingerprint (u64), 48 rows at `kept` (u32), 52 rows at
// `fresh` (u32).

/**
 * Streams the placed texts of a chunk (UTF-8) into a column's state.
 *
 * Lengths are counted in UTF-16 code units; hashes go to `hashes`; rows whose hash ends in the zero bits of `mask`, and
 * those longer than 256, to `kept`; `patterns` counts the patterns, and the first row of each new one goes to `fresh`.
 * Returns the texts.
 */
export function texts(
  entries: usize, valid: usize, count: i32,
  state: usize, lengths: usize, mask: u32, hashes: usize, kept: usize,
  patterns: usize, fresh: usize,
): i32 {
  let out = hashes
  let survivors = kept
  let firsts = fresh
  let fingerprint = load<u64>(state, 40)
  for (let i = 0; i < count; i++) {
    if (!isValid(valid, i)) continue
    const entry = entries + (usize(i) << 4)
    let at = textIn(entry)
    const end = at + load<u32>(entry)
    let low: u32 = 0x243f6a88
    let high: u32 = 0x85a308d3
    let maskLow: u32 = 0x243f6a88
    let maskHigh: u32 = 0x85a308d3
    let maskSize: u32 = 0
    let previous: u32 = 0
    let length: u32 = 0
    let pending: u32 = 0
    while (at < end || pending != 0) {
      let unit: u32
      if (pending != 0) {
        unit = pending
        pending = 0
      } else {
        const lead: u32 = load<u8>(at)
        if (lead < 0x80) {
          unit = lead
          at += 1
        } else if (lead < 0xe0) {
          unit = ((lead & 0x1f) << 6) | (load<u8>(at, 1) & 0x3f)
          at += 2
        } else if (lead < 0xf0) {
          unit = ((lead & 0x0f) << 12) | ((u32(load<u8>(at, 1)) & 0x3f) << 6) | (load<u8>(at, 2) & 0x3f)
          at += 3
        } else {
          const point: u32 = (((lead & 7) << 18) | ((u32(load<u8>(at, 1)) & 0x3f) << 12) |
            ((u32(load<u8>(at, 2)) & 0x3f) << 6) | (load<u8>(at, 3) & 0x3f)) - 0x10000
          unit = 0xd800 | (point >>> 10)
          pending = 0xdc00 | (point & 0x3ff)
          at += 4
        }
      }
      length++
      low = lowStep(low, unit)
      high = highStep(high, unit)
      const kind = classOf(unit)
      store<u64>(state + (usize(kind) << 3), load<u64>(state + (usize(kind) << 3)) + 1)
      if (maskSize < 24) {
        const run = runOf(unit, kind)
        if (run == 0 || run != previous) {
          const shown = run == 0 ? unit : run
          maskLow = lowStep(maskLow, shown)
          maskHigh = highStep(maskHigh, shown)
          maskSize++
        }
        previous = run
      }
    }
    const hash = scramble(low ^ length, high)
    fingerprint += hash
    increment(lengths + (usize(length > 4096 ? 4096 : length) << 2))
    store<u64>(out, hash)
    out += 8
    if (length > 256 || (u32(hash) & mask) == 0) {
      store<u32>(survivors, i)
      survivors += 4
    }
    if (countKey(scramble(maskLow ^ maskSize, maskHigh), patterns)) {
      store<u32>(firsts, i)
      firsts += 4
    }
  }
  store<u64>(state, fingerprint, 40)
  store<u32>(state, u32((survivors - kept) >> 2), 48)
  store<u32>(state, u32((firsts - fresh) >> 2), 52)
  return i32((out - hashes) >> 3)
}

/** Adds to the count of a key in an open-addressing table (keys u64, counts u32); whether it is new. */
@inline function addKey(key: u64, count: u32, keys: usize, counts: usize, slots: i32): bool {
  const wrap = u32(slots - 1)
  let slot = u32(key >>> 32) & wrap
  while (true) {
    const counter = counts + (usize(slot) << 2)
    const seen = load<u32>(counter)
    if (seen == 0) {
      store<u32>(counter, count)
      store<u64>(keys + (usize(slot) << 3), key)
      return true
    }
    if (load<u64>(keys + (usize(slot) << 3)) == key) {
      store<u32>(counter, seen + count)
      return false
    }
    slot = (slot + 1) & wrap
  }
}

// A counter of keys: 0 mask, 4 slots, 8 keys (pointer), 12 counts (pointer), 16 keys counted; all u32.

/** Counts a key unless its low half has bits of the counter's mask; whether it is new. */
@inline function countKey(key: u64, counter: usize): bool {
  if ((u32(key) & load<u32>(counter)) != 0) return false
  if (!addKey(key, 1, load<u32>(counter, 8), load<u32>(counter, 12), load<u32>(counter, 4))) return false
  increment(counter + 16)
  return true
}

/** Leaves in a counter the keys that a new mask lets through; the tables given must be empty, and become its own. */
export function prune(counter: usize, mask: u32, toKeys: usize, toCounts: usize): void {
  const slots = load<i32>(counter, 4)
  const keys = load<u32>(counter, 8)
  const counts = load<u32>(counter, 12)
  let moved = 0
  for (let s = 0; s < slots; s++) {
    const count = load<u32>(counts + (usize(s) << 2))
    const key = load<u64>(keys + (usize(s) << 3))
    if (count == 0 || (u32(key) & mask) != 0) continue
    addKey(key, count, toKeys, toCounts, slots)
    moved++
  }
  store<u32>(counter, mask)
  store<u32>(counter, u32(toKeys), 8)
  store<u32>(counter, u32(toCounts), 12)
  store<u32>(counter, moved, 16)
}

/** Writes the doubles whose hashes a counter holds, in no order. */
export function countedNumbers(counter: usize, values: usize): void {
  const slots = load<i32>(counter, 4)
  const keys = load<u32>(counter, 8)
  const counts = load<u32>(counter, 12)
  let out = values
  for (let s = 0; s < slots; s++) {
    if (load<u32>(counts + (usize(s) << 2)) == 0) continue
    store<u64>(out, unscramble(load<u64>(keys + (usize(s) << 3))))
    out += 8
  }
}

/** Writes how often each of some doubles that a counter holds was counted. */
export function countsOfNumbers(counter: usize, values: usize, size: i32, out: usize): void {
  const wrap = load<u32>(counter, 4) - 1
  const keys = load<u32>(counter, 8)
  const counts = load<u32>(counter, 12)
  for (let i = 0; i < size; i++) {
    const bits = load<u64>(values + (usize(i) << 3))
    const key = scramble(u32(bits), u32(bits >>> 32))
    let slot = u32(key >>> 32) & wrap
    while (load<u64>(keys + (usize(slot) << 3)) != key) slot = (slot + 1) & wrap
    store<u32>(out + (usize(i) << 2), load<u32>(counts + (usize(slot) << 2)))
  }
}

/** Copies the keys whose low half ends in the zero bits of `mask`; in place when `to` is `from`. Returns how many. */
export function filter(from: usize, to: usize, count: i32, mask: u32): i32 {
  let out = to
  for (let i = 0; i < count; i++) {
    const key = load<u64>(from + (usize(i) << 3))
    if ((u32(key) & mask) != 0) continue
    store<u64>(out, key)
    out += 8
  }
  return i32((out - to) >> 3)
}

/**
 * Scatters keys by their top bits: `offsets` (u32, 2^bits + 1) gets where each part begins and ends.
 *
 * Returns the size of the largest part.
 */
export function scatter(from: usize, to: usize, count: i32, bits: i32, offsets: usize): i32 {
  const parts = 1 << bits
  const shift = u64(64 - bits)
  memory.fill(offsets, 0, usize(parts + 2) << 2)
  for (let i = 0; i < count; i++)
    increment(offsets + 8 + (usize(bits ? load<u64>(from + (usize(i) << 3)) >>> shift : 0) << 2))
  let largest: u32 = 0
  for (let p = 0; p < parts; p++) {
    const size = load<u32>(offsets + 8 + (usize(p) << 2))
    largest = max(largest, size)
    store<u32>(offsets + 8 + (usize(p) << 2), size + load<u32>(offsets + 4 + (usize(p) << 2)))
  }
  for (let i = 0; i < count; i++) {
    const key = load<u64>(from + (usize(i) << 3))
    const cursor = offsets + 4 + (usize(bits ? key >>> shift : 0) << 2)
    const place = load<u32>(cursor)
    store<u32>(cursor, place + 1)
    store<u64>(to + (usize(place) << 3), key)
  }
  return i32(largest)
}

/**
 * Distinct keys over the parts that `scatter` made, each counted in a small table that stays in cache.
 *
 * `keys` (u64) and `counts` (u32) hold `slots`, a power of two above the largest part.
 */
export function distinct(sorted: usize, parts: i32, offsets: usize, keys: usize, counts: usize, slots: i32): i32 {
  let found = 0
  const wrap = u32(slots - 1)
  memory.fill(counts, 0, usize(slots) << 2)
  for (let p = 0; p < parts; p++) {
    const stamp = u32(p + 1)
    const end = load<u32>(offsets + 4 + (usize(p) << 2))
    for (let i = load<u32>(offsets + (usize(p) << 2)); i < end; i++) {
      const key = load<u64>(sorted + (usize(i) << 3))
      // The low bits may all be zero in a sampled list, and the top bits name the part: take those between.
      let slot = u32(key >>> 20) & wrap
      while (load<u32>(counts + (usize(slot) << 2)) == stamp && load<u64>(keys + (usize(slot) << 3)) != key) slot = (slot + 1) & wrap
      if (load<u32>(counts + (usize(slot) << 2)) == stamp) continue
      store<u32>(counts + (usize(slot) << 2), stamp)
      store<u64>(keys + (usize(slot) << 3), key)
      found++
    }
  }
  return found
}

@inline function mixed(key: u64): u64 {
  const x = (key ^ (key >>> 32)) * 0x9e3779b97f4a7c15
  return x ^ (x >>> 29)
}

/** One step of a hash of bytes, used here only: it is stored nowhere. */
@inline function bytesStep(hash: u64, word: u64): u64 {
  const x = (hash ^ word) * 0xff51afd7ed558ccd
  return x ^ (x >>> 32)
}

@inline function hashBytes(from: usize, size: u32): u64 {
  const end = from + size
  let at = from
  let hash: u64 = size
  for (; at + 8 <= end; at += 8) hash = bytesStep(hash, load<u64>(at))
  for (; at < end; at++) hash = bytesStep(hash, load<u8>(at))
  return hash
}

@inline function sameBytes(a: usize, b: usize, size: u32): bool {
  let i: usize = 0
  for (; i + 8 <= size; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false
  for (; i < size; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false
  return true
}

/**
 * Numbers the distinct doubles of up to 2048 rows from 1 by first appearance; 0 is null.
 *
 * `slots` (u32, a power of two, at `wrap` + 1 of them), `keys` (u64) and `distinct` (f64) carry on from the chunk before,
 * of which `known` were distinct. The numbers go to `codes`. Returns how many are known now.
 */
export function encodeNumbers(
  values: usize, valid: usize, identities: usize, count: i32,
  slots: usize, wrap: u32, keys: usize, distinct: usize, known: u32, codes: usize,
): u32 {
  let size = known
  for (let i = 0; i < count; i++) {
    const code = codes + (usize(i) << 2)
    if (!isValid(valid, i)) {
      store<u32>(code, 0)
      continue
    }
    const value = load<f64>(values + (usize(i) << 3))
    const bits: u64 = value == 0 ? 0 : value == value ? reinterpret<u64>(value) : 0x7ff8000000000000
    const key = identities ? load<u64>(identities + (usize(i) << 3)) : bits
    let slot = u32(mixed(key)) & wrap
    let number = load<u32>(slots + (usize(slot) << 2))
    while (number != 0 && load<u64>(keys + (usize(number) << 3)) != key) {
      slot = (slot + 1) & wrap
      number = load<u32>(slots + (usize(slot) << 2))
    }
    if (number == 0) {
      store<u64>(distinct + (usize(size) << 3), bits)
      number = ++size
      store<u32>(slots + (usize(slot) << 2), number)
      store<u64>(keys + (usize(number) << 3), key)
    }
    store<u32>(code, number)
  }
  return size
}

/**
 * As `encodeNumbers`, for placed texts: `dictionary` holds per number the hash (u64), place and size (u32 each) of its bytes, which
 * are copied to where `top` (u32) points, one behind the other; there must be room for those of the whole chunk.
 */
export function encodeTexts(
  entries: usize, valid: usize, count: i32,
  slots: usize, wrap: u32, dictionary: usize, known: u32, top: usize, codes: usize,
): u32 {
  let size = known
  for (let i = 0; i < count; i++) {
    const code = codes + (usize(i) << 2)
    if (!isValid(valid, i)) {
      store<u32>(code, 0)
      continue
    }
    const from = textIn(entries + (usize(i) << 4))
    const length = load<u32>(entries + (usize(i) << 4))
    const hash = hashBytes(from, length)
    let slot = u32(hash) & wrap
    let number = load<u32>(slots + (usize(slot) << 2))
    while (number != 0) {
      const entry = dictionary + (usize(number) << 4)
      if (load<u64>(entry) == hash && load<u32>(entry, 12) == length && sameBytes(load<u32>(entry, 8), from, length)) break
      slot = (slot + 1) & wrap
      number = load<u32>(slots + (usize(slot) << 2))
    }
    if (number == 0) {
      number = ++size
      store<u32>(slots + (usize(slot) << 2), number)
      const entry = dictionary + (usize(number) << 4)
      const kept = load<u32>(top)
      store<u64>(entry, hash)
      store<u32>(entry, kept, 8)
      store<u32>(entry, length, 12)
      memory.copy(kept, from, length)
      store<u32>(top, kept + length)
    }
    store<u32>(code, number)
  }
  return size
}
