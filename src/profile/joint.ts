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

/** The dictionary codes of a column, and how many there are besides 0. */
export type Coded = Pick<SampleColumn, 'codes'> & { readonly values: { readonly length: number } }

/** Counts the pairs of two columns of equal length, in an open-addressed table of their numbers. */
export function jointOf({ codes: first, values }: Coded, { codes: second }: Coded): Joint {
  const mask = 2 ** Math.ceil(Math.log2(2 * first.length + 2)) - 1
  const numbers = new Uint32Array(mask + 1)
  const from = new Uint32Array(first.length)
  const to = new Uint32Array(first.length)
  const counts = new Uint32Array(first.length)
  const fromRows = new Uint32Array(values.length + 1)
  const fromTop = new Uint32Array(values.length + 1)
  let size = 0
  let rows = 0
  for (let row = 0; row < first.length; row++) {
    const a = first[row]!
    const b = second[row]!
    if (a === 0 || b === 0) continue
    const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
    let slot = (mixed ^ (mixed >>> 15)) & mask
    let number = numbers[slot]!
    while (number !== 0 && (from[number - 1] !== a || to[number - 1] !== b)) {
      slot = (slot + 1) & mask
      number = numbers[slot]!
    }
    if (number === 0) {
      number = numbers[slot] = ++size
      from[number - 1] = a
      to[number - 1] = b
    }
    const count = ++counts[number - 1]!
    rows++
    fromRows[a]!++
    if (count > fromTop[a]!) fromTop[a] = count
  }
  return {
    from: from.slice(0, size),
    to: to.slice(0, size),
    counts: counts.slice(0, size),
    fromRows,
    fromTop,
    rows,
  }
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
