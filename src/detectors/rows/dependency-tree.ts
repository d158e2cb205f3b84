import type { EncodedRows } from './encoded-rows.ts'

/** The column that another is best looked at together with. */
export interface Dependency {
  readonly column: number
  /** Mutual information in nats. */
  readonly information: number
}

/** Rows that mutual information is estimated on. */
const MOST_ROWS = 20_000
/** Columns between which pairs are looked for: cost is quadratic. */
const MOST_COLUMNS = 64
/** What so many cells of a table seem to tell by chance alone is (cells − 1) / 2n nats; a pair must tell this much more. */
const BEYOND_CHANCE = 2

/**
 * The tree of pairs with the highest total mutual information: for each column but the roots, the one it hangs on.
 *
 * Looks at the 64 columns of highest entropy.
 *
 * @see Chow & Liu (1968); grown as Prim (1957) does, from each column that depends on none of those before.
 */
export function dependencyTree(
  rows: EncodedRows,
  levels: readonly number[],
): ReadonlyMap<number, Dependency> {
  const columns = mostVarying(rows, levels)
  const best = new Map<number, Dependency>()
  const tree = new Map<number, Dependency>()
  const left = new Set(columns)
  while (left.size > 0) {
    const next = strongest(left, best)
    left.delete(next)
    const link = best.get(next)
    if (link) tree.set(next, link)
    for (const column of left) {
      const information = excessInformation(rows, levels, [next, column])
      if (information > (best.get(column)?.information ?? 0)) best.set(column, { column: next, information })
    }
  }
  return tree
}

function strongest(left: ReadonlySet<number>, best: ReadonlyMap<number, Dependency>): number {
  let found = left.values().next().value!
  for (const column of left)
    if ((best.get(column)?.information ?? 0) > (best.get(found)?.information ?? 0)) found = column
  return found
}

function mostVarying(rows: EncodedRows, levels: readonly number[]): readonly number[] {
  const entropies = levels.map((count, column) => entropyOf(countCodes(rows, [column], [count]).counts))
  return [...entropies.keys()]
    .filter((column) => entropies[column]! > 0)
    .sort((a, b) => entropies[b]! - entropies[a]! || a - b)
    .slice(0, MOST_COLUMNS)
}

/** Mutual information of two columns; 0 when it is no more than chance gives. */
function excessInformation(
  rows: EncodedRows,
  levels: readonly number[],
  [a, b]: readonly [number, number],
): number {
  const joint = countCodes(rows, [a, b], [levels[a]!, levels[b]!])
  const single = (column: number): number => entropyOf(countCodes(rows, [column], [levels[column]!]).counts)
  const information = single(a) + single(b) - entropyOf(joint.counts)
  const cells = joint.counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  const chance = (BEYOND_CHANCE * cells) / (2 * joint.rows)
  return information > chance ? information : 0
}

/** How often each combination of codes occurs. */
function countCodes({ rows, codes }: EncodedRows, columns: readonly number[], levels: readonly number[]) {
  const counts = new Float64Array(levels.reduce((product, count) => product * count, 1))
  const width = codes.length / rows
  const step = Math.max(1, Math.ceil(rows / MOST_ROWS))
  let counted = 0
  for (let row = 0; row < rows; row += step) {
    let at = 0
    for (let i = 0; i < columns.length; i++) at = at * levels[i]! + codes[row * width + columns[i]!]!
    counts[at] = counts[at]! + 1
    counted++
  }
  return { counts, rows: counted }
}

function entropyOf(counts: Float64Array): number {
  let total = 0
  let sum = 0
  for (const count of counts) {
    total += count
    if (count > 0) sum += count * Math.log(count)
  }
  return total > 0 ? Math.log(total) - sum / total : 0
}
