import type { TimeProfile } from '../data/profile.ts'
import { countingUp, orderOfNumbers } from '../math/rank.ts'
import type { Kernel } from './kernel.ts'
import { TIME_BINS } from './time-bins.ts'
import { numbersAt } from './values-at.ts'

/** Slots of the table of bins: a power of two well above the bins it may hold. */
const SLOTS = 4 * TIME_BINS

/** Counts streamed instants on the finest bins of which at most 4096 are occupied, doubling their width as needed. */
export interface TimeBinCounter {
  /** Counts up to 2048 instants at `values` in the kernel's memory. */
  add(values: number, valid: number, count: number): void
  counted(): Pick<TimeProfile, 'widthLog2' | 'bins'>
}

/** Opens an empty count of instants in bins of 1 ms. */
export function openTimeBins(kernel: Kernel): TimeBinCounter {
  const tables = [0, 1].map(() => ({
    keys: kernel.allocate(SLOTS * 8),
    counts: kernel.allocateZeroed(SLOTS * 4),
  })) as [Table, Table]
  const used = kernel.allocateZeroed(8)
  let widthLog2 = 0
  const coarsen = () => {
    const [full, empty] = tables
    kernel.words(empty.counts, SLOTS).fill(0)
    kernel.run.coarsen(full.keys, full.counts, SLOTS, empty.keys, empty.counts, used)
    tables.reverse()
    widthLog2++
  }
  return {
    add(values, valid, count) {
      let done = 0
      const addFrom = () => {
        const { keys, counts } = tables[0]
        return kernel.run.bins(
          values,
          valid,
          done,
          count,
          2 ** widthLog2,
          keys,
          counts,
          SLOTS,
          used,
          TIME_BINS,
        )
      }
      while ((done = addFrom()) < count) coarsen()
    },
    counted: () => ({ widthLog2, bins: binsOf(kernel, tables[0]) }),
  }
}

interface Table {
  readonly keys: number
  readonly counts: number
}

function binsOf(kernel: Kernel, { keys, counts }: Table): TimeProfile['bins'] {
  const bins = kernel.doubles(keys, SLOTS)
  const rows = kernel.words(counts, SLOTS)
  const occupied = countingUp(SLOTS).filter((slot) => rows[slot]! > 0)
  const ascending = orderOfNumbers(bins, occupied)
  return { index: numbersAt(bins, ascending), count: numbersAt(rows, ascending) }
}
