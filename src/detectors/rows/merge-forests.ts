import { FiableError } from '../../data/errors.ts'
import type { Forest } from './isolation-forest.ts'

/**
 * One forest of the trees of several, each grown on a shard of the rows.
 *
 * As good as one grown on all rows where shards are random parts of them; where they are days or countries, every tree knows
 * its own only, and rows usual elsewhere look odd to it.
 *
 * @param forests - At least one, all over the same features.
 * @throws FiableError BAD_ARGUMENT without forests, or when they are over other features.
 */
export function mergeForests(forests: readonly Forest[]): Forest {
  const [first] = forests
  if (!first) throw unmergeable('none was given')
  const other = forests.find(({ width }) => width !== first.width)
  if (other) throw unmergeable(`one is over ${first.width} features and another over ${other.width}`)
  const starts = startsOf(forests)
  const moved = (nodes: (forest: Forest) => Int32Array): Int32Array[] =>
    forests.map((forest, f) => nodes(forest).map((node) => node + starts[f]!))
  const nodes = starts.at(-1)!
  return {
    roots: joined(Int32Array, [...moved(({ roots }) => roots.subarray(0, -1)), Int32Array.of(nodes)]),
    feature: joined(
      Int32Array,
      forests.map(({ feature }) => feature),
    ),
    threshold: joined(
      Float32Array,
      forests.map(({ threshold }) => threshold),
    ),
    left: joined(
      Int32Array,
      moved(({ left }) => left),
    ),
    right: joined(
      Int32Array,
      moved(({ right }) => right),
    ),
    missingLeft: joined(
      Uint8Array,
      forests.map(({ missingLeft }) => missingLeft),
    ),
    depth: joined(
      Float32Array,
      forests.map(({ depth }) => depth),
    ),
    size: joined(
      Int32Array,
      forests.map(({ size }) => size),
    ),
    averagePath: meanPath(forests),
    width: first.width,
  }
}

const treesOf = ({ roots }: Forest): number => roots.length - 1

/** First node of each forest in the merged arrays, then the number of nodes. */
function startsOf(forests: readonly Forest[]): readonly number[] {
  const starts = [0]
  for (const { feature } of forests) starts.push(starts.at(-1)! + feature.length)
  return starts
}

/** Shards of nearly the same size have nearly the same average path; per tree, so that every tree counts alike. */
function meanPath(forests: readonly Forest[]): number {
  const trees = forests.reduce((sum, forest) => sum + treesOf(forest), 0)
  return forests.reduce((sum, forest) => sum + treesOf(forest) * forest.averagePath, 0) / Math.max(1, trees)
}

function joined<A extends Int32Array | Float32Array | Uint8Array>(
  Type: new (length: number) => A,
  parts: readonly A[],
): A {
  const whole = new Type(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const unmergeable = (why: string): FiableError =>
  new FiableError(
    'BAD_ARGUMENT',
    `Forests cannot be merged: ${why}.`,
    'Merge forests that were trained with the same transformer.',
  )
