import type { NumberProfile } from '../data/profile.ts'

/** Counts by bucket or length, ascending by index, as profiles hold them. */
export interface Histogram {
  readonly index: readonly number[]
  readonly count: readonly number[]
}

/** The histogram of a dense array of counts, from one index to another: only what occurred. */
export function histogramOf(dense: ArrayLike<number>, first = 0, last = dense.length - 1): Histogram {
  const index: number[] = []
  const count: number[] = []
  for (let i = first; i <= last; i++)
    if (dense[i]! > 0) {
      index.push(i)
      count.push(dense[i]!)
    }
  return { index, count }
}

/** The histogram of counts by index in a map. */
export function histogramOfMap(counts: ReadonlyMap<number, number>): Histogram {
  const index = [...counts.keys()].sort((a, b) => a - b)
  return { index, count: index.map((i) => counts.get(i)!) }
}

/** The histogram of the rows of both. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  const counts = new Map(a.index.map((index, i) => [index, a.count[i]!]))
  b.index.forEach((index, i) => {
    counts.set(index, (counts.get(index) ?? 0) + b.count[i]!)
  })
  return histogramOfMap(counts)
}

/** Finite numbers so many, their mean and their squared deviations from it. */
export interface Moments {
  readonly count: number
  readonly mean: number
  readonly squares: number
}

/** Beyond the largest double a sum of squares is held there, since profiles are stored as JSON. */
export const capped = (value: number): number =>
  Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))

/** Moments of the rows of both. @see Chan, Golub, LeVeque (1979), Updating formulae, eq. 2.1. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const count = a.count + b.count
  const gap = b.mean - a.mean
  return {
    count,
    mean: Number.isFinite(gap)
      ? a.mean + gap * (b.count / count)
      : a.mean * (a.count / count) + b.mean * (b.count / count),
    squares: capped(a.squares + b.squares + gap * gap * (a.count * (b.count / count))),
  }
}

/** How many finite numbers a profile counts. */
export const finiteCount = (profile: NumberProfile): number => profile.decimals.reduce((a, b) => a + b)

/** The number profile of the rows of both. */
export function mergeNumberProfiles(a: NumberProfile, b: NumberProfile): NumberProfile {
  const countA = finiteCount(a)
  const countB = finiteCount(b)
  const nonFinite = a.nonFinite + b.nonFinite
  if (countA === 0) return { ...b, nonFinite }
  if (countB === 0) return { ...a, nonFinite }
  const { mean, squares } = mergeMoments({ ...a, count: countA }, { ...b, count: countB })
  const decimals = [0, 1, 2, 3].map((i) => a.decimals[i]! + b.decimals[i]!)
  return {
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean,
    squares,
    buckets: mergeHistograms(a.buckets, b.buckets),
    nonFinite,
    decimals: decimals as unknown as NumberProfile['decimals'],
  }
}
