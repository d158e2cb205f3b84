import type { EncodedRows } from './encoded-rows.ts'
import { childOf, type Forest } from './isolation-forest.ts'

/**
 * How much each column shortens a row's path: the sum, over the nodes that ask for it, of the expected path length
 * before less the one after the answer. Contributions of a row add up to the forest's mean path less the row's own.
 *
 * @param columnOf - For each feature, its column.
 * @param columns - Number of columns.
 * @returns Mean over the trees, in cuts; positive where the column makes the row odd. Shape [rows, columns].
 * @see Saabas (2014), Interpreting random forests; here of path lengths instead of votes.
 */
export function forestContributions(
  forest: Forest,
  { rows, width, features }: EncodedRows,
  { columnOf, columns }: { readonly columnOf: readonly number[]; readonly columns: number },
): Float32Array {
  const contributions = new Float32Array(rows * columns)
  const trees = forest.roots.length - 1
  for (let row = 0; row < rows; row++)
    for (let tree = 0; tree < trees; tree++) {
      let node = forest.roots[tree]!
      while (forest.feature[node]! >= 0) {
        const feature = forest.feature[node]!
        const child = childOf(forest, node, features[row * width + feature]!)
        const at = row * columns + columnOf[feature]!
        contributions[at] = contributions[at]! + (forest.depth[node]! - forest.depth[child]!) / trees
        node = child
      }
    }
  return contributions
}
