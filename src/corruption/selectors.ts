import { FiableError } from '../data/errors.ts'
import { type Random, sampleWithoutReplacement } from '../math/random.ts'
import { cellAt, columnNamed, type Table } from './table.ts'

/**
 * Which rows are spoiled.
 *
 * - `random`: completely at random (MCAR).
 * - `given-other`: rows with the largest values of another column (MAR).
 * - `given-value`: rows with the largest values of the spoiled column itself (MNAR).
 * - `segment`: rows that share one value of another column, then more values until the fraction is reached.
 * - `block`: rows that follow each other.
 * - `tail`: the last rows.
 *
 * @see Rubin (1976), Inference and missing data, Biometrika 63(3).
 */
export const selectors = ['random', 'given-other', 'given-value', 'segment', 'block', 'tail'] as const

export type Selector = (typeof selectors)[number]

/** What a selection is made of. */
export interface Selection {
  readonly selector: Selector
  /** Share of the rows, in (0, 1]; at least one row is chosen. */
  readonly fraction: number
  /** The spoiled column, which `given-value` looks at. */
  readonly column: string | null
  readonly draw: Random
}

/**
 * The rows a selector chooses, ascending.
 *
 * @throws FiableError BAD_ARGUMENT when the fraction is not in (0, 1], or when there is no column for the selector to look at.
 */
export function selectRows(table: Table, { selector, fraction, column, draw }: Selection): Uint32Array {
  if (!(fraction > 0 && fraction <= 1)) throw badFraction(fraction)
  const count = Math.min(table.rows, Math.max(1, Math.round(fraction * table.rows)))
  switch (selector) {
    case 'random':
      return Uint32Array.from(sampleWithoutReplacement(table.rows, count, draw)).sort()
    case 'given-other':
      return largest(table, otherColumn(table, column, draw), count)
    case 'given-value':
      return largest(table, column ?? otherColumn(table, null, draw), count)
    case 'segment':
      return segment(table, otherColumn(table, column, draw), { count, draw })
    case 'block': {
      const start = Math.floor(draw() * (table.rows - count + 1))
      return Uint32Array.from({ length: count }, (_, i) => start + i)
    }
    case 'tail':
      return Uint32Array.from({ length: count }, (_, i) => table.rows - count + i)
  }
}

function otherColumn(table: Table, column: string | null, draw: Random): string {
  const others = table.columns.filter(
    (candidate) => candidate.column.name !== column && candidate.values.length > 1,
  )
  const chosen = others[Math.floor(draw() * others.length)]
  if (chosen) return chosen.column.name
  throw new FiableError(
    'BAD_ARGUMENT',
    `There is no other column with two values beside ${column} to choose rows by.`,
    'Choose the selector random, block or tail.',
  )
}

/** The rows with the largest values; nulls come last, ties in the order of the rows. */
function largest(table: Table, name: string, count: number): Uint32Array {
  const column = columnNamed(table, name)!
  const order = column.values
    .map((_, i) => i)
    .sort((a, b) => (column.values[a]! < column.values[b]! ? 1 : -1))
  const rank = new Uint32Array(column.values.length + 1)
  rank[0] = column.values.length
  for (const [place, i] of order.entries()) rank[i + 1] = place
  const rows = Uint32Array.from({ length: table.rows }, (_, row) => row)
  return rows
    .sort((a, b) => rank[column.codes[a]!]! - rank[column.codes[b]!]! || a - b)
    .slice(0, count)
    .sort()
}

function segment(
  table: Table,
  name: string,
  { count, draw }: { readonly count: number; readonly draw: Random },
): Uint32Array {
  const column = columnNamed(table, name)!
  const first = cellAt(column, Math.floor(draw() * table.rows))
  const start = first === null ? 0 : (column.values as readonly (number | string)[]).indexOf(first) + 1
  const rows: number[] = []
  for (let step = 0; step <= column.values.length && rows.length < count; step++) {
    const code = (start + step) % (column.values.length + 1)
    for (let row = 0; row < table.rows && rows.length < count; row++)
      if (column.codes[row] === code) rows.push(row)
  }
  return Uint32Array.from(rows).sort()
}

const badFraction = (fraction: number): FiableError =>
  new FiableError(
    'BAD_ARGUMENT',
    `The fraction of rows to spoil was ${fraction}; it must be above 0 and at most 1.`,
    'Give a share such as 0.05 for 5 %.',
  )
