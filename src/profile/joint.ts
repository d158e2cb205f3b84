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

/** Rows of a column brought together by their value; those without one are left out. */
export interface GroupedRows {
  /** Rows whose value no other row has. */
  readonly single: Uint32Array
  /** The others, one group after the other. */
  readonly repeated: Uint32Array
  /** Where each group ends in `repeated`. */
  readonly ends: Uint32Array
}

/** Brings the rows of a column that have the same value together. */
export function groupRows({ codes, values }: Coded): GroupedRows {
  const counts = new Uint32Array(values.length + 1)
  for (let row = 0; row < codes.length; row++) counts[codes[row]!]!++
  const next = new Uint32Array(counts.length)
  const ends: number[] = []
  let end = 0
  for (let code = 1; code < counts.length; code++) {
    if (counts[code]! < 2) continue
    next[code] = end
    ends.push((end += counts[code]!))
  }
  const single: number[] = []
  const repeated = new Uint32Array(end)
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!
    if (code === 0) continue
    if (counts[code] === 1) single.push(row)
    else repeated[next[code]!++] = row
  }
  return { single: Uint32Array.from(single), repeated, ends: Uint32Array.from(ends) }
}

/** The dependency of a column on another whose rows are grouped: cheaper than counting their pairs, which it forgets. */
export function dependencyOn({ single, repeated, ends }: GroupedRows, { codes, values }: Coded): Dependency {
  const counts = new Uint32Array(values.length + 1)
  const sums = { rows: 0, repeated: 0, majority: 0 }
  for (let k = 0; k < single.length; k++) if (codes[single[k]!]! > 0) sums.rows++
  for (let group = 0, start = 0; group < ends.length; start = ends[group++]!) {
    const end = ends[group]!
    let held = 0
    let top = 0
    for (let k = start; k < end; k++) {
      const code = codes[repeated[k]!]!
      if (code === 0) continue
      held++
      const count = ++counts[code]!
      if (count > top) top = count
    }
    for (let k = start; k < end; k++) counts[codes[repeated[k]!]!] = 0
    sums.rows += held
    if (held < 2) continue
    sums.repeated += held
    sums.majority += top
  }
  return dependency(sums)
}

/** Memory for counting pairs, grown as needed. */
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

/** How far `from` is from determining `to`. */
export interface Dependency {
  /** Among rows whose `from` repeats, the share not holding the majority `to`. */
  readonly violation: number
  /** Rows whose `from` repeats. */
  readonly repeated: number
  /** Their share. */
  readonly coverage: number
}

/** The dependency in counted pairs. */
export function dependencyViolation({ fromRows, fromTop, rows }: Joint): Dependency {
  let repeated = 0
  let majority = 0
  for (let code = 1; code < fromRows.length; code++) {
    if (fromRows[code]! < 2) continue
    repeated += fromRows[code]!
    majority += fromTop[code]!
  }
  return dependency({ rows, repeated, majority })
}

const dependency = ({
  rows,
  repeated,
  majority,
}: Record<'rows' | 'repeated' | 'majority', number>): Dependency => ({
  violation: repeated > 0 ? (repeated - majority) / repeated : 0,
  repeated,
  coverage: rows > 0 ? repeated / rows : 0,
})
