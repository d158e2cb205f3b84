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
export function jointOf(first: Coded, second: Coded): Joint {
  const { from, to, counts, ...joint } = countPairs(first, second)
  return { ...joint, from: from.slice(), to: to.slice(), counts: counts.slice() }
}

/** `dependencyViolation` of the pairs of two columns, without keeping these. */
export const dependencyBetween = (first: Coded, second: Coded): ReturnType<typeof dependencyViolation> =>
  dependencyViolation(countPairs(first, second))

/** Memory for counting pairs, grown as needed: hundreds of pairs are tried to choose a few. */
let scratch = {
  numbers: new Uint32Array(0),
  from: new Uint32Array(0),
  to: new Uint32Array(0),
  counts: new Uint32Array(0),
}

function scratchFor(rows: number): typeof scratch {
  const slots = 2 ** Math.ceil(Math.log2(2 * rows + 2))
  if (scratch.numbers.length < slots) {
    const list = () => new Uint32Array(slots >> 1)
    scratch = { numbers: new Uint32Array(slots), from: list(), to: list(), counts: list() }
  }
  const numbers = scratch.numbers.subarray(0, slots)
  numbers.fill(0)
  return { ...scratch, numbers }
}

/** As `jointOf`, in arrays that the next call overwrites. */
function countPairs({ codes: first, values }: Coded, { codes: second }: Coded): Joint {
  const { numbers, from, to, counts } = scratchFor(first.length)
  const mask = numbers.length - 1
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
      counts[number - 1] = 0
    }
    const count = ++counts[number - 1]!
    rows++
    fromRows[a]!++
    if (count > fromTop[a]!) fromTop[a] = count
  }
  return {
    from: from.subarray(0, size),
    to: to.subarray(0, size),
    counts: counts.subarray(0, size),
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
