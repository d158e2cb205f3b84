import { random, sampleWithoutReplacement, shuffled } from '../../math/random.ts'
import { type EncodedRows, takeEncoded } from './encoded-rows.ts'
import { graphNeighbours, precedence } from './neighbours-graph.ts'
import { defineRowDetector, type RowScores } from './row-detector.ts'
import { rowVectors, type VectorLayout, vectorLayout } from './row-vectors.ts'

/** Numbers that all kept rows together may hold: 4 bytes each, twice in the file. */
const MOST_NUMBERS = 4_000_000
/** A kept row's own neighbours, whose mean distance tells how thin its surroundings are. */
const SPREAD_OVER = 3
/** Surroundings count as at least this share of the median ones, and this distance: duplicates have none. */
const SMALLEST_SHARE = 0.1
const SMALLEST_SPREAD = 1e-3

/** Bags of reference rows, no row in two of them. */
export interface Neighbourhood {
  readonly layout: VectorLayout
  readonly bags: number
  /** Rows in each bag. */
  readonly perBag: number
  /** Position of each kept row in the reference, bag after bag. Shape [bags × perBag]. */
  readonly chosen: Int32Array
  /** The kept rows as vectors. Shape [bags × perBag, layout.size]. */
  readonly vectors: Float32Array
  /** Mean distance of each kept row to those nearest to it in its bag. Shape [bags × perBag]. */
  readonly spread: Float32Array
  /** Number of columns. */
  readonly columns: number
}

/**
 * Bagged nearest neighbours: how far a row is from the most similar row of each bag, and from the mean of those, over
 * the root of how far these are from their own neighbours: a gap counts more among rows that lie close together.
 *
 * Sees one bad cell and unusual combinations, and names the column: what the row's neighbours hold there. Costs as many
 * distances per row as rows are kept; on hundreds of columns distances grow alike, and the autoencoder sees more.
 */
export const nearestNeighbours = defineRowDetector({
  name: 'nearest-neighbours',
  summary: 'Distance to the most similar reference row, averaged over bags.',
  reference:
    'Pang, Ting & Albrecht (2015), LeSiNN: detecting anomalies by identifying least similar nearest neighbours; local scale as in Breunig et al. (2000), LOF, its root',
  dimension: 'consistency',
  weight: 4,
  params: {
    bags: {
      kind: 'integer',
      default: 8,
      min: 1,
      max: 64,
      about: 'Bags of reference rows; noise falls with the root.',
      search: [4, 16],
    },
    perBag: {
      kind: 'integer',
      default: 512,
      min: 8,
      max: 4096,
      about: 'Reference rows in each bag, fewer when there are not as many; cost is linear.',
      search: [64, 1024],
    },
  },
  fit({ rows, encoding }, settings, { seed }): Neighbourhood {
    const draw = random(seed)
    const layout = vectorLayout(encoding)
    const { bags } = settings
    const perBag = Math.min(settings.perBag, mostPerBag(rows.rows, layout, bags))
    const kept = sampleWithoutReplacement(rows.rows, Math.min(rows.rows, bags * perBag), draw)
    const dealt = shuffled([...kept], draw)
    // Rows too few for one in each bag stand in several.
    const chosen = Int32Array.from({ length: bags * perBag }, (_, i) => dealt[i % dealt.length]!)
    const vectors = rowVectors(layout, takeEncoded(rows, chosen))
    const bagged = { layout, bags, perBag, chosen, vectors, columns: encoding.levels.length }
    return { ...bagged, spread: spreadOf(bagged) }
  },
  score: scoreNeighbours,
  graph: graphNeighbours,
})

const mostPerBag = (rows: number, { size }: VectorLayout, bags: number): number =>
  Math.max(1, Math.min(Math.floor(rows / bags), Math.floor(MOST_NUMBERS / (bags * size))))

function spreadOf(state: Omit<Neighbourhood, 'spread'>): Float32Array {
  const { layout, bags, perBag, vectors } = state
  const nearest = new Float64Array(SPREAD_OVER)
  const own = Float32Array.from({ length: bags * perBag }, (_, i) => {
    const bag = Math.floor(i / perBag)
    nearest.fill(Infinity)
    for (let other = bag * perBag; other < (bag + 1) * perBag; other++)
      if (other !== i) insert(nearest, squaredDistance(vectors, layout.size, i, other))
    const found = nearest.filter(Number.isFinite)
    return found.reduce((sum, squares) => sum + Math.sqrt(squares), 0) / Math.max(1, found.length)
  })
  const median = own.slice().sort()[own.length >> 1]!
  return own.map((distance) => distance + SMALLEST_SHARE * median + SMALLEST_SPREAD)
}

function squaredDistance(vectors: Float32Array, size: number, a: number, b: number): number {
  let squares = 0
  for (let j = 0; j < size; j++) {
    const delta = vectors[a * size + j]! - vectors[b * size + j]!
    squares += delta * delta
  }
  return squares
}

/** Puts a value into an ascending list of the smallest, which keeps its length. */
function insert(smallest: Float64Array, value: number): void {
  let at = smallest.length - 1
  if (value >= smallest[at]!) return
  for (; at > 0 && smallest[at - 1]! > value; at--) smallest[at] = smallest[at - 1]!
  smallest[at] = value
}

function scoreNeighbours(state: Neighbourhood, rows: EncodedRows): RowScores {
  const { layout, bags, columns, spread } = state
  const vectors = rowVectors(layout, rows)
  const scores = new Float32Array(rows.rows)
  const far = new Float32Array(rows.rows * columns)
  const nearest = new Int32Array(bags)
  for (let row = 0; row < rows.rows; row++) {
    const own = vectors.subarray(row * layout.size, (row + 1) * layout.size)
    const residuals = far.subarray(row * columns, (row + 1) * columns)
    let distances = 0
    let spreads = 0
    for (let bag = 0; bag < bags; bag++) {
      const { place, distance } = nearestIn(state, own, bag)
      nearest[bag] = place
      distances += distance
      spreads += spread[place]!
    }
    const toMean = addResiduals(state, { own, nearest }, residuals)
    scores[row] = (distances / bags + toMean) / (2 * Math.sqrt(spreads / bags))
  }
  return { scores, columns: [far] }
}

function nearestIn({ layout: { size }, vectors, perBag }: Neighbourhood, own: Float32Array, bag: number) {
  let smallest = Infinity
  let place = bag * perBag
  for (let i = bag * perBag; i < (bag + 1) * perBag; i++) {
    let squares = precedence(i)
    for (let j = 0; j < size && squares < smallest; j++) {
      const delta = own[j]! - vectors[i * size + j]!
      squares += delta * delta
    }
    if (squares >= smallest) continue
    smallest = squares
    place = i
  }
  return { place, distance: Math.sqrt(Math.max(0, smallest - precedence(place))) }
}

/** Per column, the distance of the row to the mean of its neighbours; returns that over all columns. */
function addResiduals(
  { layout: { size, columnOf }, vectors }: Neighbourhood,
  { own, nearest }: { readonly own: Float32Array; readonly nearest: Int32Array },
  out: Float32Array,
): number {
  for (let j = 0; j < size; j++) {
    let mean = 0
    for (const place of nearest) mean += vectors[place * size + j]! / nearest.length
    out[columnOf[j]!] = out[columnOf[j]!]! + (own[j]! - mean) ** 2
  }
  const total = Math.sqrt(out.reduce((sum, squares) => sum + squares, 0))
  for (let c = 0; c < out.length; c++) out[c] = Math.sqrt(out[c]!)
  return total
}
