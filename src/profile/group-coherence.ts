import type { SampleColumn } from '../data/profile.ts'
import { ranksByCode } from './coded-ranks.ts'
import type { Coded } from './joint.ts'

/**
 * Intra-class correlation of the ranks of a numeric column within the groups of another: 1 when groups determine it,
 * 0 when they say nothing, which is where a shuffled column falls although its distribution is unchanged.
 *
 * @see Shrout & Fleiss (1979), Intraclass correlations, case 1, on ranks.
 */
export function groupCoherence(groups: Coded, column: SampleColumn): number {
  const ranks = shareRanks(column)
  const rows = new Float64Array(groups.values.length + 1)
  const sums = new Float64Array(groups.values.length + 1)
  let total = 0
  let sum = 0
  let squares = 0
  for (let row = 0; row < column.codes.length; row++) {
    const group = groups.codes[row]!
    const code = column.codes[row]!
    if (group === 0 || code === 0) continue
    const rank = ranks[code]!
    rows[group]!++
    sums[group]! += rank
    total++
    sum += rank
    squares += rank * rank
  }
  return coherence({ rows, sums, total, variance: squares - (sum * sum) / Math.max(1, total), squares })
}

function coherence(of: {
  readonly rows: Float64Array
  readonly sums: Float64Array
  readonly total: number
  readonly variance: number
  readonly squares: number
}): number {
  let occupied = 0
  let explained = 0
  for (let group = 1; group < of.rows.length; group++) {
    if (of.rows[group] === 0) continue
    occupied++
    explained += of.sums[group]! ** 2 / of.rows[group]!
  }
  const freedom = of.total - occupied
  if (freedom <= 10 || of.variance <= 0) return 0
  return 1 - (of.squares - explained) / freedom / (of.variance / of.total)
}

const remembered = new WeakMap<SampleColumn, Float64Array>()

/** Mid-rank in [0, 1] of each value code among all rows that have a value; the same for every grouping. */
function shareRanks(column: SampleColumn): Float64Array {
  let ranks = remembered.get(column)
  if (!ranks) {
    const counts = new Uint32Array(column.values.length + 1)
    for (const code of column.codes) counts[code]!++
    const filled = Math.max(1, column.codes.length - counts[0]!)
    ranks = ranksByCode(column, counts).map((rank) => (rank - 0.5) / filled)
    remembered.set(column, ranks)
  }
  return ranks
}
