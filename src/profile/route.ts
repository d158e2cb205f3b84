import type { SampleColumn } from '../data/profile.ts'
import type { Reading } from './reading.ts'

/** How a column of a large batch is counted: changes the cost, never the result. */
export type Route = 'group' | 'stream'

/** Below so many rows a GROUP BY of unique values is cheap enough. */
const SMALL = 20_000

/** Share of the rows from which on grouping distinct values costs more than streaming them. */
const NEARLY_UNIQUE = 0.4

/** Streams what a sample says is nearly unique; groups the rest, and what must be cast or has two values. */
export function routeOf(reading: Reading, sampled: SampleColumn, rows: number): Route {
  if (rows <= SMALL || reading.coerced || reading.column.storage === 'boolean') return 'group'
  const { distinct, unseen } = estimate(sampled)
  return unseen > 0.3 && Math.min(rows, distinct) >= NEARLY_UNIQUE * rows ? 'stream' : 'group'
}

/**
 * Distinct values of the batch, and the share of its rows whose value the sample has not.
 *
 * @see Chao (1984), Nonparametric estimation of the number of classes, eq. 10; Good (1953) for the share.
 */
function estimate({ codes, values }: SampleColumn): { distinct: number; unseen: number } {
  const counts = new Uint32Array(values.length + 1)
  for (let row = 0; row < codes.length; row++) counts[codes[row]!]!++
  let once = 0
  let twice = 0
  for (let code = 1; code < counts.length; code++) {
    if (counts[code] === 1) once++
    else if (counts[code] === 2) twice++
  }
  return {
    distinct: values.length + (once * (once - 1)) / (2 * (twice + 1)),
    unseen: once / Math.max(1, codes.length),
  }
}
