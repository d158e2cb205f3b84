import { FiableError } from '../data/errors.ts'

/**
 * Solves A·x = b by Gaussian elimination with partial pivoting.
 *
 * @param matrix - A by rows, shape [n, n]; not modified.
 * @param right - b, shape [n]; not modified.
 * @returns x, shape [n].
 * @throws FiableError BAD_ARGUMENT when the shapes disagree; NOT_CONVERGED when A is singular.
 */
export function solveLinear(matrix: readonly ArrayLike<number>[], right: ArrayLike<number>): Float64Array {
  const n = right.length
  if (matrix.length !== n || matrix.some((row) => row.length !== n)) throw wrongShape(matrix, n)
  const rows = matrix.map((row) => Float64Array.from(row))
  const x = Float64Array.from(right)
  for (let column = 0; column < n; column++) {
    pivot(rows, x, column)
    for (let row = column + 1; row < n; row++) eliminate(rows, x, column, row)
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let column = row + 1; column < n; column++) x[row]! -= rows[row]![column]! * x[column]!
    x[row]! /= rows[row]![row]!
  }
  return x
}

function pivot(rows: Float64Array[], x: Float64Array, column: number): void {
  let best = column
  for (let row = column + 1; row < rows.length; row++)
    if (Math.abs(rows[row]![column]!) > Math.abs(rows[best]![column]!)) best = row
  if (!(Math.abs(rows[best]![column]!) > 0)) throw singular(column)
  ;[rows[column], rows[best]] = [rows[best]!, rows[column]!]
  ;[x[column], x[best]] = [x[best]!, x[column]!]
}

function eliminate(rows: readonly Float64Array[], x: Float64Array, column: number, row: number): void {
  const [source, target] = [rows[column]!, rows[row]!]
  const factor = target[column]! / source[column]!
  if (factor === 0) return
  for (let j = column; j < source.length; j++) target[j]! -= factor * source[j]!
  x[row]! -= factor * x[column]!
}

const wrongShape = (matrix: readonly ArrayLike<number>[], n: number) =>
  new FiableError(
    'BAD_ARGUMENT',
    `solveLinear was given a matrix of ${matrix.length} × ${matrix[0]?.length ?? 0} for a right side of ${n}; it needs a square one.`,
    'Pass as many rows and columns as the right side has numbers.',
  )

const singular = (column: number) =>
  new FiableError(
    'NOT_CONVERGED',
    `solveLinear found no pivot in column ${column}: the matrix is singular.`,
    'Remove the rows or columns that depend on others.',
  )
