import type { Estimate } from '../data/profile.ts'
import type { Kernel } from './kernel.ts'

/**
 * A growing list of 64-bit hashes in the kernel's memory, whose distinct ones are counted at the end.
 *
 * Exact up to `limit` hashes. Beyond, only hashes ending in `level` zero bits are kept, with `level` raised whenever
 * the list is full: a sample of hashes with all their repeats, so what is counted in it scales by 2^level.
 */
export interface HashList {
  /** Where the next hashes may be written, room for `count` of them. */
  room(count: number): number
  /** Tells that so many were written there. */
  wrote(count: number): void
  /** Distinct hashes, and what repeats among all that were written. */
  count(): { readonly distinct: Estimate; readonly repeats: Estimate }
  readonly level: number
  /** The hashes kept, in the order of writing until `count` is called. */
  readonly pointer: number
  readonly size: number
}

/** Bits of a list: parts of some thousand hashes, whose table stays in cache, at most 1024 of them. */
const partBits = (size: number): number => (size > 8192 ? Math.min(10, Math.ceil(Math.log2(size / 4096))) : 0)

/** The mask of a level: all its zero bits. */
export const maskOf = (level: number): number => (level === 0 ? 0 : 0xffffffff >>> (32 - level))

/** Opens a list for about `expected` hashes, of which at most `limit` are held at once. */
export function openHashList(kernel: Kernel, expected: number, limit: number): HashList {
  const capacity = Math.max(4096, Math.min(expected, limit)) + 2048
  const pointer = kernel.allocate(capacity * 8)
  let size = 0
  let level = 0
  const raise = () => {
    level++
    size = kernel.run.filter(pointer, pointer, size, maskOf(level))
  }
  return {
    pointer,
    get size() {
      return size
    },
    get level() {
      return level
    },
    room(count) {
      while (size + count > capacity) raise()
      return pointer + size * 8
    },
    wrote(count) {
      const from = pointer + size * 8
      size += level === 0 ? count : kernel.run.filter(from, from, count, maskOf(level))
    },
    count: () => countList(kernel, { pointer, size, level }),
  }
}

function countList(
  kernel: Kernel,
  list: { readonly pointer: number; readonly size: number; readonly level: number },
): { distinct: Estimate; repeats: Estimate } {
  const mark = kernel.mark()
  const bits = partBits(list.size)
  const sorted = kernel.allocate(list.size * 8)
  const offsets = kernel.allocate(((1 << bits) + 2) * 4)
  const largest = kernel.run.scatter(list.pointer, sorted, list.size, bits, offsets)
  const slots = 2 ** Math.ceil(Math.log2(Math.max(64, largest * 1.5)))
  const keys = kernel.allocate(slots * 8)
  const stamps = kernel.allocate(slots * 4)
  const found = kernel.run.distinct(sorted, 1 << bits, offsets, keys, stamps, slots)
  kernel.release(mark)
  return { distinct: scaled(found, list.level), repeats: scaled(list.size - found, list.level) }
}

/**
 * The count in all hashes of what was counted in those of a level: each is kept with probability 2^-level.
 *
 * The error takes the counted as independent; repeats of the same hash are kept or lost together, and vary more.
 */
function scaled(count: number, level: number): Estimate {
  const scale = 2 ** level
  return { value: count * scale, standardError: Math.sqrt(Math.max(1, count) * scale * (scale - 1)) }
}
