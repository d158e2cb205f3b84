import type { SampleColumn } from '../data/profile.ts'

/** Rows per distinct pair of codes of two columns of a sample; rows where either is null are left out. */
export interface Joint {
  readonly from: Uint32Array
  readonly to: Uint32Array
  readonly counts: Uint32Array
  /** Rows per `from` code. */
  readonly fromRows: Uint32Array
  /** Most frequent `to` per `from` code: its rows. */
  readonly fromTop: Uint32Array
  readonly rows: number
}

/** Counts the pairs of two code columns of equal length. */
export function jointOf(
  from: Uint32Array,
  to: Uint32Array,
  sizes: { readonly from: number; readonly to: number },
): Joint {
  const width = sizes.to + 1
  const slots = new Map<number, number>()
  const counts: number[] = []
  let rows = 0
  for (let i = 0; i < from.length; i++) {
    if (from[i] === 0 || to[i] === 0) continue
    rows++
    const key = from[i]! * width + to[i]!
    const slot = slots.get(key)
    if (slot === undefined) slots.set(key, counts.push(1) - 1)
    else counts[slot]!++
  }
  return withMargins(slots, counts, { rows, width, size: sizes.from + 1 })
}

function withMargins(
  slots: ReadonlyMap<number, number>,
  counts: readonly number[],
  shape: { readonly rows: number; readonly width: number; readonly size: number },
): Joint {
  const from = new Uint32Array(counts.length)
  const to = new Uint32Array(counts.length)
  const fromRows = new Uint32Array(shape.size)
  const fromTop = new Uint32Array(shape.size)
  for (const [key, slot] of slots) {
    const code = Math.floor(key / shape.width)
    from[slot] = code
    to[slot] = key - code * shape.width
    fromRows[code]! += counts[slot]!
    fromTop[code] = Math.max(fromTop[code]!, counts[slot]!)
  }
  return { from, to, counts: Uint32Array.from(counts), fromRows, fromTop, rows: shape.rows }
}

/**
 * How far `from` is from determining `to`: among rows whose `from` repeats, the share not holding the majority `to`.
 * `coverage` is the share of rows whose `from` repeats.
 */
export function dependencyViolation(joint: Joint): {
  readonly violation: number
  readonly repeated: number
  readonly coverage: number
} {
  let repeated = 0
  let majority = 0
  for (let code = 1; code < joint.fromRows.length; code++) {
    if (joint.fromRows[code]! < 2) continue
    repeated += joint.fromRows[code]!
    majority += joint.fromTop[code]!
  }
  return {
    violation: repeated > 0 ? (repeated - majority) / repeated : 0,
    repeated,
    coverage: joint.rows > 0 ? repeated / joint.rows : 0,
  }
}

/** The numbers of two columns on the rows where both have one. */
export function bothFilled(from: SampleColumn, to: SampleColumn): { a: Float64Array; b: Float64Array } {
  const rows = from.codes.length
  const a = new Float64Array(rows)
  const b = new Float64Array(rows)
  let n = 0
  for (let i = 0; i < rows; i++) {
    if (from.codes[i] === 0 || to.codes[i] === 0) continue
    a[n] = from.values[from.codes[i]! - 1] as number
    b[n++] = to.values[to.codes[i]! - 1] as number
  }
  return { a: a.subarray(0, n), b: b.subarray(0, n) }
}
