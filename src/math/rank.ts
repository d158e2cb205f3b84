/** The positions 0, 1, … of so many values. */
export function countingUp(size: number): Uint32Array {
  const numbers = new Uint32Array(size)
  for (let i = 0; i < size; i++) numbers[i] = i
  return numbers
}

/** Ranks from 1, ties sharing the mean of theirs; same order as the values. NaN values rank last, together. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const order = countingUp(values.length)
  const byValue = (i: number, j: number) => ascending(values[i]!, values[j]!)
  order.sort(byValue)
  const ranks = new Float64Array(values.length)
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && byValue(order[start]!, order[end]!) === 0) end++
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end + 1) / 2
  }
  return ranks
}

/** Orders numbers for `sort`: smaller first, NaN last. */
export function ascending(a: number, b: number): number {
  if (a === b) return 0
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a < b ? -1 : 1
}

/**
 * Positions of numbers, sorted by ascending number, NaN last, those of equal numbers as given.
 *
 * Sorts the numbers themselves and looks up where each went: a sort that calls back costs several times as much.
 */
export function orderOfNumbers(numbers: ArrayLike<number>, positions: Uint32Array): Uint32Array {
  const sorted = new Float64Array(positions.length)
  for (let k = 0; k < positions.length; k++) sorted[k] = numbers[positions[k]!]! + 0
  sorted.sort()
  const order = new Uint32Array(positions.length)
  const taken = new Uint32Array(positions.length)
  for (let k = 0; k < positions.length; k++) {
    const first = firstPlaceOf(numbers[positions[k]!]!, sorted)
    order[first + taken[first]!++] = positions[k]!
  }
  return order
}

/** Where a number stands first among ascending ones. */
function firstPlaceOf(wanted: number, sorted: Float64Array): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending(sorted[middle]!, wanted) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Pearson's r of two series of equal length, in [−1, 1]; NaN when one is constant or shorter than 2. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = x.length
  let [meanX, meanY, xx, yy, xy] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const dx = x[i]! - meanX
    const dy = y[i]! - meanY
    meanX += dx / (i + 1)
    meanY += dy / (i + 1)
    xx += dx * (x[i]! - meanX)
    yy += dy * (y[i]! - meanY)
    xy += dx * (y[i]! - meanY)
  }
  return xx > 0 && yy > 0 ? Math.min(1, Math.max(-1, xy / Math.sqrt(xx * yy))) : Number.NaN
}

/** Spearman's rank correlation: Pearson's r of the average ranks; NaN when a series is constant. */
export const spearman = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
  pearson(averageRanks(x), averageRanks(y))

/** The k-th largest of some numbers, 1 ≤ k ≤ their count: linear while k is small. */
export function kthLargest(values: ArrayLike<number>, k: number): number {
  const largest = new Float64Array(k).fill(Number.NEGATIVE_INFINITY)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    let at = 0
    for (; at < k && value > largest[at]!; at++) if (at > 0) largest[at - 1] = largest[at]!
    if (at > 0) largest[at - 1] = value
  }
  return largest[0]!
}
