import type { TimeProfile } from '../data/profile.ts'

/** Occupied bins a time profile may have. */
export const TIME_BINS = 4096

/** How many bins of `2^widthLog2` ms the ascending instants occupy, counted up to one beyond the limit. */
function occupied(sorted: Float64Array, widthLog2: number): number {
  const width = 2 ** widthLog2
  let bins = 0
  let last = Number.NaN
  for (const instant of sorted) {
    const bin = Math.floor(instant / width)
    if (bin === last) continue
    last = bin
    if (++bins > TIME_BINS) break
  }
  return bins
}

/** The smallest width, from `start` on, at which the ascending instants fit the bins. */
function widthFor(sorted: Float64Array, start: number): number {
  let widthLog2 = start
  while (occupied(sorted, widthLog2) > TIME_BINS) widthLog2++
  return widthLog2
}

/** The bins of the ascending instants, ascending. */
function occupiedBins(sorted: Float64Array, width: number): Float64Array {
  const bins = new Float64Array(Math.min(sorted.length, TIME_BINS))
  let size = 0
  for (const instant of sorted) {
    const bin = Math.floor(instant / width)
    if (size === 0 || bins[size - 1] !== bin) bins[size++] = bin
  }
  return bins.subarray(0, size)
}

/** Where a bin stands among the ascending bins. */
function positionOf(bin: number, bins: Float64Array): number {
  let low = 0
  let high = bins.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (bins[middle]! < bin) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The distribution of instants on the finest aligned bins of which at most 4096 are occupied; never finer than 1 ms.
 *
 * @param instants - Finite epoch milliseconds, in any order, at least one.
 * @param counts - Rows per instant.
 * @param startLog2 - The finest width allowed: the coarser of two profiles' when they are merged.
 */
export function timeProfile(instants: Float64Array, counts: ArrayLike<number>, startLog2 = 0): TimeProfile {
  const sorted = instants.toSorted()
  const widthLog2 = widthFor(sorted, startLog2)
  const width = 2 ** widthLog2
  const index = occupiedBins(sorted, width)
  const count = new Array<number>(index.length).fill(0)
  for (let i = 0; i < instants.length; i++) {
    const position = positionOf(Math.floor(instants[i]! / width), index)
    count[position] = count[position]! + counts[i]!
  }
  return { min: sorted[0]!, max: sorted.at(-1)!, widthLog2, bins: { index: [...index], count } }
}

/** The time profile of the rows of both, exactly as if they had been binned together. */
export function mergeTimeProfiles(a: TimeProfile, b: TimeProfile): TimeProfile {
  const starts = [a, b].flatMap((side) => side.bins.index.map((bin) => bin * 2 ** side.widthLog2))
  const counts = [...a.bins.count, ...b.bins.count]
  const merged = timeProfile(Float64Array.from(starts), counts, Math.max(a.widthLog2, b.widthLog2))
  return { ...merged, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
}
