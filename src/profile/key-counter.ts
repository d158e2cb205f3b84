import { CHUNK_ROWS } from '../engines/duckdb-vectors.ts'
import { maskOf } from './hash-list.ts'
import type { Kernel } from './kernel.ts'

/** Offsets of a counter in the kernel's memory. */
const at = { slots: 4, keys: 8, counts: 12, used: 16 }
const COUNTER_BYTES = 32

/** Counts of 64-bit keys in the kernel's memory, kept within a budget by raising the sampling level. */
export interface KeyCounter {
  /** Where the kernel finds it. */
  readonly pointer: number
  /** Keys whose low half does not end in so many zero bits are not counted. */
  readonly level: number
  /** Keys counted. */
  readonly size: number
  /** Raises the level while more keys are counted than the budget: to be called after each chunk. */
  fit(): void
  /** Each key, as words low and high, with its count. */
  entries(): Iterable<readonly [low: number, high: number, count: number]>
}

/** Opens an empty counter of at most `budget` keys, with room for those of one more chunk. */
export function openKeyCounter(kernel: Kernel, budget: number): KeyCounter {
  const slots = 2 ** Math.ceil(Math.log2(1.4 * (budget + CHUNK_ROWS)))
  const pointer = kernel.allocateZeroed(COUNTER_BYTES)
  const table = () => ({ keys: kernel.allocate(slots * 8), counts: kernel.allocateZeroed(slots * 4) })
  let [full, empty] = [table(), table()]
  kernel.words(pointer + at.slots, 3).set([slots, full.keys, full.counts])
  let level = 0
  const size = () => kernel.words(pointer + at.used, 1)[0]!
  return {
    pointer,
    get level() {
      return level
    },
    get size() {
      return size()
    },
    fit() {
      while (size() > budget) {
        kernel.words(empty.counts, slots).fill(0)
        kernel.run.prune(pointer, maskOf(++level), empty.keys, empty.counts)
        ;[full, empty] = [empty, full]
      }
    },
    *entries() {
      const keys = kernel.words(full.keys, 2 * slots)
      const counts = kernel.words(full.counts, slots)
      for (let slot = 0; slot < slots; slot++)
        if (counts[slot]! > 0) yield [keys[2 * slot]!, keys[2 * slot + 1]!, counts[slot]!]
    },
  }
}
