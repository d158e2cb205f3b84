import { type Random, randomInteger } from '../../math/random.ts'
import { averagePathLength } from './average-path-length.ts'
import type { EncodedRows } from './encoded-rows.ts'
import type { Forest } from './isolation-forest.ts'

/** A forest while it grows: arrays with room for every tree, filled up to `count`. */
export interface TreeGrowth
  extends Pick<Forest, 'feature' | 'threshold' | 'left' | 'right' | 'missingLeft' | 'depth' | 'size'> {
  readonly rows: EncodedRows
  readonly draw: Random
  readonly deepest: number
  count: number
}

/** A node to be split: rows `from` … `to` − 1 of the order. */
interface Part {
  readonly from: number
  readonly to: number
  readonly level: number
}

/** Rows of one tree, copied together so that they stay in cache. */
interface Ground {
  readonly features: Float32Array
  readonly width: number
  /** Rows in the order of the leaves so far. */
  readonly order: Int32Array
  /** Features left to try at a node. */
  readonly candidates: Int32Array
}

/** Grows one tree on these rows, its root first. */
export function growTree(growth: TreeGrowth, chosen: ArrayLike<number>): void {
  const { width, features } = growth.rows
  const ground: Ground = {
    features: new Float32Array(chosen.length * width),
    width,
    order: Int32Array.from({ length: chosen.length }, (_, i) => i),
    candidates: new Int32Array(width),
  }
  for (let i = 0; i < chosen.length; i++)
    ground.features.set(features.subarray(chosen[i]! * width, (chosen[i]! + 1) * width), i * width)
  growNode(growth, ground, { from: 0, to: chosen.length, level: 0 })
}

function growNode(growth: TreeGrowth, ground: Ground, { from, to, level }: Part): number {
  const node = growth.count++
  const rows = to - from
  growth.size[node] = rows
  const cut = level < growth.deepest && rows > 1 ? drawCut(growth.draw, ground, { from, to, level }) : null
  if (!cut) {
    growth.feature[node] = -1
    growth.depth[node] = level + averagePathLength(rows)
    return node
  }
  const { middle, isMissingLeft } = partition(ground, { from, to, level }, cut)
  growth.feature[node] = cut.feature
  growth.threshold[node] = cut.threshold
  growth.missingLeft[node] = isMissingLeft ? 1 : 0
  const left = growNode(growth, ground, { from, to: middle, level: level + 1 })
  const right = growNode(growth, ground, { from: middle, to, level: level + 1 })
  growth.left[node] = left
  growth.right[node] = right
  growth.depth[node] = (growth.depth[left]! * (middle - from) + growth.depth[right]! * (to - middle)) / rows
  return node
}

interface Cut {
  readonly feature: number
  readonly threshold: number
}

/** A uniform cut of a random feature that varies here; null when none does. */
function drawCut(
  draw: Random,
  { features, width, order, candidates }: Ground,
  { from, to }: Part,
): Cut | null {
  for (let f = 0; f < width; f++) candidates[f] = f
  for (let left = width; left > 0; left--) {
    const pick = randomInteger(draw, 0, left)
    const feature = candidates[pick]!
    candidates[pick] = candidates[left - 1]!
    let low = Infinity
    let high = -Infinity
    for (let i = from; i < to; i++) {
      const value = features[order[i]! * width + feature]!
      if (value < low) low = value
      if (value > high) high = value
    }
    if (high > low) {
      const threshold = Math.fround(low + draw() * (high - low))
      return { feature, threshold: threshold < high ? threshold : low }
    }
  }
  return null
}

/** Puts the rows at most the threshold first; those without a value go to the larger side. */
function partition(
  { features, width, order }: Ground,
  { from, to }: Part,
  { feature, threshold }: Cut,
): { readonly middle: number; readonly isMissingLeft: boolean } {
  let below = 0
  let above = 0
  for (let i = from; i < to; i++) {
    const value = features[order[i]! * width + feature]!
    if (value <= threshold) below++
    else if (value > threshold) above++
  }
  const isMissingLeft = below >= above
  let i = from
  let j = to - 1
  while (i <= j) {
    const row = order[i]!
    const value = features[row * width + feature]!
    if (isMissingLeft ? !(value > threshold) : value <= threshold) i++
    else {
      order[i] = order[j]!
      order[j--] = row
    }
  }
  return { middle: i, isMissingLeft }
}
