import type { NumberProfile } from '../data/profile.ts'

/** Buckets of `NumberProfile` in typed arrays, by ascending index. */
export interface Buckets {
  readonly index: Uint32Array
  readonly count: Float64Array
}

export const noBuckets: Buckets = { index: new Uint32Array(0), count: new Float64Array(0) }

/** The buckets of a profile, which has them by ascending index. */
export const bucketsOf = ({ index, count }: NumberProfile['buckets']): Buckets => ({
  index: Uint32Array.from(index),
  count: Float64Array.from(count),
})

/** Adds the counts of one to another's, or takes them away; empty buckets are left out. */
export function poured(pool: Buckets, other: Buckets, sign: 1 | -1): Buckets {
  const index = new Uint32Array(pool.index.length + other.index.length)
  const count = new Float64Array(index.length)
  let size = 0
  for (let i = 0, j = 0; i < pool.index.length || j < other.index.length; ) {
    const a = pool.index[i] ?? Infinity
    const b = other.index[j] ?? Infinity
    const rows = (a <= b ? pool.count[i++]! : 0) + (b <= a ? sign * other.count[j++]! : 0)
    if (rows <= 0) continue
    index[size] = Math.min(a, b)
    count[size++] = rows
  }
  return { index: index.slice(0, size), count: count.slice(0, size) }
}
