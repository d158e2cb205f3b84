/** A sample with repetitions counted: distinct `values` ascending, and how often each occurs (same order). */
export interface WeightedSample {
  readonly values: ArrayLike<number>
  readonly counts: ArrayLike<number>
}

/** Sorts and counts raw values; NaN is left out. */
export function weightedSample(raw: ArrayLike<number>): WeightedSample {
  const sorted = Float64Array.from(raw)
    .filter((value) => !Number.isNaN(value))
    .sort()
  const values: number[] = []
  const counts: number[] = []
  for (const value of sorted) {
    if (value === values.at(-1)) counts[counts.length - 1]! += 1
    else {
      values.push(value)
      counts.push(1)
    }
  }
  return { values, counts }
}

/** Number of observations. */
export function sampleSize({ counts }: WeightedSample): number {
  let size = 0
  for (let i = 0; i < counts.length; i++) size += counts[i]!
  return size
}

/**
 * Walks the union of both samples' values upward and tells, on each stretch where neither distribution function
 * changes, its ends and the difference of the two functions (first − second).
 */
function onEachStretch(
  first: WeightedSample,
  second: WeightedSample,
  visit: (difference: number, from: number, to: number) => void,
): void {
  const [n, m] = [sampleSize(first), sampleSize(second)]
  const at = (sample: WeightedSample, i: number) =>
    i < sample.values.length ? sample.values[i]! : Number.POSITIVE_INFINITY
  let i = 0
  let j = 0
  let below = 0
  let belowSecond = 0
  while (i < first.values.length || j < second.values.length) {
    const from = Math.min(at(first, i), at(second, j))
    if (at(first, i) === from) below += first.counts[i++]!
    if (at(second, j) === from) belowSecond += second.counts[j++]!
    visit(below / n - belowSecond / m, from, Math.min(at(first, i), at(second, j)))
  }
}

/** Largest gap between two empirical distribution functions, in [0, 1]; NaN when a sample is empty. */
export function ksDistance(first: WeightedSample, second: WeightedSample): number {
  if (sampleSize(first) === 0 || sampleSize(second) === 0) return Number.NaN
  let largest = 0
  onEachStretch(first, second, (difference) => {
    largest = Math.max(largest, Math.abs(difference))
  })
  return largest
}

/** Area between two empirical distribution functions, in the values' unit (W₁); NaN when a sample is empty. */
export function wassersteinDistance(first: WeightedSample, second: WeightedSample): number {
  if (sampleSize(first) === 0 || sampleSize(second) === 0) return Number.NaN
  let area = 0
  onEachStretch(first, second, (difference, from, to) => {
    if (to < Number.POSITIVE_INFINITY) area += Math.abs(difference) * (to - from)
  })
  return area
}

/** Mean of a weighted sample; NaN when empty. */
export function weightedMean({ values, counts }: WeightedSample): number {
  let sum = 0
  let size = 0
  for (let i = 0; i < values.length; i++) {
    sum += values[i]! * counts[i]!
    size += counts[i]!
  }
  return sum / size
}

/** Standard deviation of a weighted sample (n − 1 in the denominator); NaN below two observations. */
export function weightedDeviation(sample: WeightedSample): number {
  const mean = weightedMean(sample)
  let squares = 0
  for (let i = 0; i < sample.values.length; i++)
    squares += sample.counts[i]! * (sample.values[i]! - mean) ** 2
  const size = sampleSize(sample)
  return size < 2 ? Number.NaN : Math.sqrt(squares / (size - 1))
}
