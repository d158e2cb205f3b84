import { type Random, random, sampleWithoutReplacement } from '../../math/random.ts'
import { averagePathLength } from './average-path-length.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { graphForest } from './forest-graph.ts'
import { type ForestScorer, forestScorer } from './forest-kernel.ts'
import { growTree, type TreeGrowth } from './grow-tree.ts'
import { defineRowDetector } from './row-detector.ts'

/** Trees side by side in flat arrays; a node is a position in them. */
export interface Forest {
  /** First node of each tree, then the number of nodes. Shape [trees + 1]. */
  readonly roots: Int32Array
  /** Feature that a node asks for, −1 at a leaf. */
  readonly feature: Int32Array
  /** Rows with a feature at most this go left. */
  readonly threshold: Float32Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** 1 where rows without the feature go left: the child with more of the reference. */
  readonly missingLeft: Uint8Array
  /** Expected path length of a row that is here, over the reference rows here. */
  readonly depth: Float32Array
  /** Reference rows that came here. */
  readonly size: Int32Array
  /** Path length that counts as average: c(ψ). */
  readonly averagePath: number
  readonly width: number
}

/**
 * Isolation forest: rows that few random cuts set apart are odd. Scores in (0, 1), about 0.5 for an average row.
 *
 * Fast, and good at rows that are odd as a whole. Weak at one bad cell among many good ones, and blind to values that are
 * usual one by one but not together: there prefer nearest neighbours or the autoencoder. On contaminated or small
 * reference data, set `subsample` to 256.
 */
export const isolationForest = defineRowDetector({
  name: 'isolation-forest',
  summary: 'Rows that few random cuts set apart from the others.',
  reference: 'Liu, Ting & Zhou (2008), Isolation forest, ICDM; missing values as in Cortes (2021), isotree',
  dimension: 'integrity',
  weight: 1,
  params: {
    trees: {
      kind: 'integer',
      default: 100,
      min: 1,
      max: 1000,
      about: 'Trees grown; cost is linear, noise falls with the root.',
      search: [50, 300],
    },
    subsample: {
      kind: 'integer',
      default: 1024,
      min: 2,
      max: 8192,
      about: 'Reference rows each tree is grown on (ψ); 256 for contaminated or small data.',
      search: [128, 2048],
    },
    depth: {
      kind: 'number',
      default: 3,
      min: 0.5,
      max: 10,
      about:
        'Deepest leaf, in multiples of log2 ψ; 1 as in the paper, 3 until nearly every row stands alone, which tells rows near the edge of the usual from those within.',
      search: [1, 3],
    },
  },
  fit: ({ rows }, settings, { seed }) => growForest(rows, settings, random(seed)),
  score: (forest, rows) => ({ scores: scorerOf(forest).score(rows), columns: [] }),
  graph: graphForest,
})

const scorers = new WeakMap<Forest, ForestScorer>()

function scorerOf(forest: Forest): ForestScorer {
  let scorer = scorers.get(forest)
  if (!scorer) scorers.set(forest, (scorer = forestScorer(forest)))
  return scorer
}

function growForest(
  rows: EncodedRows,
  { trees, subsample, depth }: { readonly trees: number; readonly subsample: number; readonly depth: number },
  draw: Random,
): Forest {
  const size = Math.min(subsample, rows.rows)
  const capacity = trees * (2 * size - 1)
  const growth: TreeGrowth = {
    rows,
    draw,
    deepest: Math.ceil(depth * Math.log2(size)),
    count: 0,
    feature: new Int32Array(capacity),
    threshold: new Float32Array(capacity),
    left: new Int32Array(capacity),
    right: new Int32Array(capacity),
    missingLeft: new Uint8Array(capacity),
    depth: new Float32Array(capacity),
    size: new Int32Array(capacity),
  }
  const roots = new Int32Array(trees + 1)
  for (let tree = 0; tree < trees; tree++) {
    growTree(growth, sampleWithoutReplacement(rows.rows, size, draw))
    roots[tree + 1] = growth.count
  }
  return trimmed(growth, roots, size)
}

const trimmed = (growth: TreeGrowth, roots: Int32Array, subsample: number): Forest => ({
  roots,
  feature: growth.feature.slice(0, growth.count),
  threshold: growth.threshold.slice(0, growth.count),
  left: growth.left.slice(0, growth.count),
  right: growth.right.slice(0, growth.count),
  missingLeft: growth.missingLeft.slice(0, growth.count),
  depth: growth.depth.slice(0, growth.count),
  size: growth.size.slice(0, growth.count),
  averagePath: averagePathLength(subsample),
  width: growth.rows.width,
})

/** The child that a row with this value goes to. */
export function childOf(forest: Forest, node: number, value: number): number {
  const isLeft = Number.isNaN(value) ? forest.missingLeft[node] === 1 : value <= forest.threshold[node]!
  return isLeft ? forest.left[node]! : forest.right[node]!
}

/** 2^(−E(h)/c(ψ)) for every row: eq. 2 of the paper, step by step; the kernel gives the same faster. Shape [rows]. */
export function scoreForest(forest: Forest, { rows, width, features }: EncodedRows): Float32Array {
  const scores = new Float32Array(rows)
  const trees = forest.roots.length - 1
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let tree = 0; tree < trees; tree++) {
      let node = forest.roots[tree]!
      while (forest.feature[node]! >= 0)
        node = childOf(forest, node, features[row * width + forest.feature[node]!]!)
      sum += forest.depth[node]!
    }
    scores[row] = 2 ** (-sum / trees / (forest.averagePath || 1))
  }
  return scores
}
