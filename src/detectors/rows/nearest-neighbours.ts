import { random, sampleWithoutReplacement } from '../../math/random.ts'
import { type EncodedRows, takeEncoded } from './encoded-rows.ts'
import { graphNeighbours } from './neighbours-graph.ts'
import { defineRowDetector, type RowScores } from './row-detector.ts'
import { rowVectors, type VectorLayout, vectorLayout } from './row-vectors.ts'

/** Bags of reference rows. */
export interface Neighbourhood {
  readonly layout: VectorLayout
  readonly bags: number
  /** Rows in each bag. */
  readonly perBag: number
  /** Position of each kept row in the reference, bag after bag. Shape [bags × perBag]. */
  readonly chosen: Int32Array
  /** The kept rows as vectors. Shape [bags × perBag, layout.size]. */
  readonly vectors: Float32Array
  /** Number of columns. */
  readonly columns: number
}

/**
 * Bagged nearest neighbours: the distance to the most similar reference row, averaged over several small bags of them.
 *
 * Sees one bad cell and unusual combinations, and names the column: what the row's neighbours hold there. Costs as many
 * distances per row as rows are kept; on hundreds of columns distances grow alike, and the autoencoder sees more.
 */
export const nearestNeighbours = defineRowDetector({
  name: 'nearest-neighbours',
  summary: 'Distance to the most similar reference row, averaged over bags.',
  reference:
    'Pang, Ting & Albrecht (2015), LeSiNN: detecting anomalies by identifying least similar nearest neighbours',
  dimension: 'consistency',
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
      default: 256,
      min: 8,
      max: 4096,
      about: 'Reference rows in each bag; cost is linear.',
      search: [64, 1024],
    },
  },
  fit({ rows, encoding }, settings, { seed }): Neighbourhood {
    const draw = random(seed)
    const layout = vectorLayout(encoding)
    const perBag = Math.min(settings.perBag, rows.rows)
    const chosen = new Int32Array(settings.bags * perBag)
    for (let bag = 0; bag < settings.bags; bag++)
      chosen.set(sampleWithoutReplacement(rows.rows, perBag, draw), bag * perBag)
    const vectors = rowVectors(layout, takeEncoded(rows, chosen))
    return { layout, bags: settings.bags, perBag, chosen, vectors, columns: encoding.levels.length }
  },
  score: scoreNeighbours,
  graph: graphNeighbours,
})

function scoreNeighbours(state: Neighbourhood, rows: EncodedRows): RowScores {
  const { layout, bags, columns } = state
  const vectors = rowVectors(layout, rows)
  const scores = new Float32Array(rows.rows)
  const far = new Float32Array(rows.rows * columns)
  const nearest = new Int32Array(bags)
  for (let row = 0; row < rows.rows; row++) {
    const own = vectors.subarray(row * layout.size, (row + 1) * layout.size)
    let sum = 0
    for (let bag = 0; bag < bags; bag++) {
      const { place, distance } = nearestIn(state, own, bag)
      nearest[bag] = place
      sum += distance
    }
    scores[row] = sum / bags
    addResiduals(state, { own, nearest }, far.subarray(row * columns, (row + 1) * columns))
  }
  return { scores, columns: far }
}

function nearestIn({ layout: { size }, vectors, perBag }: Neighbourhood, own: Float32Array, bag: number) {
  let smallest = Infinity
  let place = bag * perBag
  for (let i = bag * perBag; i < (bag + 1) * perBag; i++) {
    let squares = 0
    for (let j = 0; j < size && squares < smallest; j++) {
      const delta = own[j]! - vectors[i * size + j]!
      squares += delta * delta
    }
    if (squares >= smallest) continue
    smallest = squares
    place = i
  }
  return { place, distance: Math.sqrt(smallest) }
}

/** Per column, the distance of the row to the mean of its neighbours. */
function addResiduals(
  { layout: { size, columnOf }, vectors }: Neighbourhood,
  { own, nearest }: { readonly own: Float32Array; readonly nearest: Int32Array },
  out: Float32Array,
): void {
  for (let j = 0; j < size; j++) {
    let mean = 0
    for (const place of nearest) mean += vectors[place * size + j]! / nearest.length
    out[columnOf[j]!] = out[columnOf[j]!]! + (own[j]! - mean) ** 2
  }
  for (let c = 0; c < out.length; c++) out[c] = Math.sqrt(out[c]!)
}
