/**
 * Intra-class correlation of the ranks of a numeric column within the groups of another: 1 when groups determine it,
 * 0 when they say nothing, which is where a shuffled column falls although its distribution is unchanged.
 *
 * @param groups - Group code per row, 0 for null. Shape [rows].
 * @param codes - Value code per row, 0 for null. Shape [rows].
 * @see Shrout & Fleiss (1979), Intraclass correlations, case 1, on ranks.
 */
export function groupCoherence(
  groups: Uint32Array,
  codes: Uint32Array,
  domain: { readonly groups: number; readonly values: readonly number[] },
): number {
  const ranks = rankByCode(codes, domain.values)
  const rows = new Float64Array(domain.groups)
  const sums = new Float64Array(domain.groups)
  let total = 0
  let sum = 0
  let squares = 0
  for (let i = 0; i < groups.length; i++) {
    if (groups[i] === 0 || codes[i] === 0) continue
    const rank = ranks[codes[i]!]!
    rows[groups[i]!]!++
    sums[groups[i]!]! += rank
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

/** Mid-rank in [0, 1] of each value code. */
function rankByCode(codes: Uint32Array, values: readonly number[]): Float64Array {
  const counts = new Uint32Array(values.length + 1)
  for (const code of codes) counts[code]!++
  const order = Array.from(values, (_, i) => i + 1).sort((a, b) => values[a - 1]! - values[b - 1]!)
  const ranks = new Float64Array(values.length + 1)
  const filled = Math.max(1, codes.length - counts[0]!)
  let below = 0
  for (const code of order) {
    ranks[code] = (below + counts[code]! / 2) / filled
    below += counts[code]!
  }
  return ranks
}
