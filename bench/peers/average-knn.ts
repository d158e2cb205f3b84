import type { RowSample, SampleColumn } from '../../src/data/profile.ts'

/** Neighbours whose distance is averaged, and the share of the training batches taken for bad. */
const NEIGHBOURS = 5
const CONTAMINATION = 0.01

/**
 * The metrics that the peer profiles a batch by, column after column: completeness, distinct values, share of the most
 * frequent one; of numbers also minimum, maximum, mean and standard deviation, of texts the index of peculiarity.
 *
 * Every column of a table gives the same number of metrics in every batch.
 *
 * @param numeric - Names of the columns profiled as numbers: their type in the clean table, which a fault may change.
 * @see Redyuk, Kaoudi, Markl and Schelter (2021), Automating data quality validation for dynamic data ingestion, EDBT, table 1.
 */
export function peerVector(
  sample: RowSample,
  { columns, numeric }: { readonly columns: readonly string[]; readonly numeric: ReadonlySet<string> },
): Float64Array {
  const found = new Map(sample.columns.map((column) => [column.column.name, column]))
  return Float64Array.from(
    columns.flatMap((name) => {
      const column = found.get(name)!
      const counts = countCodes(column)
      return [
        ...sharedMetrics(counts, sample.rows),
        ...(numeric.has(name) ? numberMetrics(column, counts) : [peculiarity(column, counts)]),
      ]
    }),
  )
}

function countCodes({ codes, values }: SampleColumn): Float64Array {
  const counts = new Float64Array(values.length + 1)
  for (const code of codes) counts[code]!++
  return counts
}

function sharedMetrics(counts: Float64Array, rows: number): readonly number[] {
  let distinct = 0
  let top = 0
  for (let code = 1; code < counts.length; code++) {
    if (counts[code]! > 0) distinct++
    if (counts[code]! > top) top = counts[code]!
  }
  return [1 - counts[0]! / rows, distinct, top / rows]
}

function numberMetrics({ values }: SampleColumn, counts: Float64Array): readonly number[] {
  let rows = 0
  let sum = 0
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let code = 1; code < counts.length; code++) {
    const value = Number(values[code - 1])
    if (counts[code] === 0 || !Number.isFinite(value)) continue
    rows += counts[code]!
    sum += counts[code]! * value
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (rows === 0) return [0, 0, 0, 0]
  let squares = 0
  for (let code = 1; code < counts.length; code++) {
    const value = Number(values[code - 1])
    if (counts[code]! > 0 && Number.isFinite(value)) squares += counts[code]! * (value - sum / rows) ** 2
  }
  return [low, high, sum / rows, Math.sqrt(squares / rows)]
}

/**
 * Mean over the trigrams xyz of a column of ½(log n(xy) + log n(yz)) − log n(xyz).
 *
 * @see Morris and Cherry (1975), Computer detection of typographical errors, IEEE Trans. Professional Communication 18(1).
 */
function peculiarity({ values }: SampleColumn, counts: Float64Array): number {
  const pairs = new Map<string, number>()
  const triples = new Map<string, number>()
  const add = (to: Map<string, number>, gram: string, rows: number) =>
    to.set(gram, (to.get(gram) ?? 0) + rows)
  for (let code = 1; code < counts.length; code++) {
    if (counts[code] === 0) continue
    const text = ` ${values[code - 1]} `
    for (let i = 0; i + 1 < text.length; i++) add(pairs, text.slice(i, i + 2), counts[code]!)
    for (let i = 0; i + 2 < text.length; i++) add(triples, text.slice(i, i + 3), counts[code]!)
  }
  let sum = 0
  let total = 0
  for (const [gram, rows] of triples) {
    const first = pairs.get(gram.slice(0, 2))!
    const second = pairs.get(gram.slice(1))!
    sum += rows * ((Math.log(first) + Math.log(second)) / 2 - Math.log(rows))
    total += rows
  }
  return total > 0 ? sum / total : 0
}

/** The peer after some clean batches: judges vectors. */
export interface AverageKnn {
  score(vector: Float64Array): number
  readonly threshold: number
}

/**
 * Average k-nearest-neighbour distance on min-max scaled vectors; the threshold is the 99th percentile of the training
 * batches' own distances, each to the others.
 *
 * @param training - Vectors of clean batches, shape [batches, metrics], batches ≥ 2.
 */
export function fitAverageKnn(training: readonly Float64Array[]): AverageKnn {
  const scale = scaleOf(training)
  const scaled = training.map(scale)
  const own = scaled.map((vector, i) => meanDistance(vector, scaled.toSpliced(i, 1)))
  return {
    score: (vector) => meanDistance(scale(vector), scaled),
    threshold: percentile(own, 1 - CONTAMINATION),
  }
}

function scaleOf(training: readonly Float64Array[]): (vector: Float64Array) => Float64Array {
  const low = training[0]!.slice()
  const high = training[0]!.slice()
  for (const vector of training)
    for (let i = 0; i < vector.length; i++) {
      low[i] = Math.min(low[i]!, vector[i]!)
      high[i] = Math.max(high[i]!, vector[i]!)
    }
  return (vector) => vector.map((value, i) => (value - low[i]!) / (high[i]! - low[i]! || 1))
}

function meanDistance(vector: Float64Array, others: readonly Float64Array[]): number {
  const nearest = Float64Array.from(others, (other) => {
    let squares = 0
    for (let i = 0; i < other.length; i++) squares += (vector[i]! - other[i]!) ** 2
    return Math.sqrt(squares)
  })
    .sort()
    .subarray(0, NEIGHBOURS)
  return nearest.reduce((sum, distance) => sum + distance, 0) / nearest.length
}

/** Linear between order statistics, as NumPy's default. */
function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)]!
  return below + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - below)
}
