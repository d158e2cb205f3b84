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
 * Sorts whole numbers that hold the bits of a number and its place: a sort that calls back costs several times as much.
 */
export function orderOfNumbers(numbers: ArrayLike<number>, positions: Uint32Array): Uint32Array {
  const order = roughOrder(numbers, positions)
  for (let k = 1; k < order.length; k++)
    if (ascending(numbers[order[k - 1]!]!, numbers[order[k]!]!) > 0)
      return order.sort((i, j) => ascending(numbers[i]!, numbers[j]!))
  return order
}

/** The order of numbers rid of their last bits, in whose stead the places break ties: wrong where nothing else differs. */
function roughOrder(numbers: ArrayLike<number>, positions: Uint32Array): Uint32Array {
  const keys = new BigUint64Array(positions.length)
  const words = new Uint32Array(keys.buffer)
  const places = 2 ** (32 - Math.clz32(positions.length)) - 1
  for (let k = 0; k < positions.length; k++) {
    const number = numbers[positions[k]!]! + 0 // −0 becomes 0
    double[0] = Number.isNaN(number) ? Number.NaN : number // one NaN of many
    const isNegative = double[0]! < 0
    const low = isNegative ? ~halves[0]! : halves[0]!
    words[2 * k] = (low & ~places) | k
    words[2 * k + 1] = isNegative ? ~halves[1]! : halves[1]! ^ SIGN
  }
  keys.sort()
  const order = new Uint32Array(positions.length)
  for (let k = 0; k < order.length; k++) order[k] = positions[words[2 * k]! & places]!
  return order
}

const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)
const SIGN = 0x80000000

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
