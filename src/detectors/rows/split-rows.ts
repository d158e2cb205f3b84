import type { RowSample } from '../../data/profile.ts'
import { random, sampleWithoutReplacement } from '../../math/random.ts'
import { tooFewRows } from './transformer.ts'

/** Share of the rows held out: training stops by them, and scores are calibrated on them. */
const HELD_OUT_SHARE = 0.2
const MOST_HELD_OUT = 5000
const FEWEST_ROWS = 100

/** Numbers of the rows to learn from, ascending, and of those held out. */
export interface SplitRows {
  readonly learnt: Uint32Array
  readonly heldOut: ArrayLike<number>
}

/**
 * Holds out a fifth of the rows, at most 5,000; same rows and seed, same split.
 *
 * @throws FiableError TOO_FEW_ROWS below 100 rows.
 */
export function splitRows({ rows }: Pick<RowSample, 'rows'>, seed: string): SplitRows {
  if (rows < FEWEST_ROWS) throw tooFewRows(rows, FEWEST_ROWS)
  const count = Math.min(MOST_HELD_OUT, Math.floor(HELD_OUT_SHARE * rows))
  const heldOut = sampleWithoutReplacement(rows, count, random(`${seed} held out`))
  const isHeldOut = new Uint8Array(rows)
  for (const row of heldOut) isHeldOut[row] = 1
  return { learnt: Uint32Array.from(isHeldOut.keys()).filter((row) => isHeldOut[row] === 0), heldOut }
}
