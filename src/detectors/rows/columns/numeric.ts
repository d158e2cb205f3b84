import type { SampleColumn } from '../../../data/profile.ts'
import { quantileOfSorted } from '../../../math/quantile.ts'
import type { Graph, Value } from '../../../onnx/graph.ts'
import { floats, longs, scalar, type Tensor } from '../../../onnx/tensor.ts'
import { FIRST_LEVEL, MISSING, UNSEEN } from '../encoded-rows.ts'
import { type Cell, type ColumnKind, type ColumnValues, feedNumbers } from './column-kind.ts'

/** Shares of the reference below the ends of the bins: narrow in the tails, so that a value far out is a rare one. */
const BIN_ENDS = [0.002, 0.01, 0.04, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96, 0.99, 0.998] as const
/** Standardised values end here, so that an infinite number stays a number. */
const FARTHEST = 1e6
/** Interquartile range of a standard normal. */
const NORMAL_RANGE = 1.349

export interface NumericColumn {
  readonly center: number
  /** Positive. */
  readonly scale: number
  /** Range of the standardised reference. */
  readonly low: number
  readonly high: number
  /** Reference rows at each end of the range: an end that many share is a rule, and beyond it nothing is expected. */
  readonly lowRows: number
  readonly highRows: number
  /** Between two bins, standardised, ascending. */
  readonly edges: readonly number[]
  readonly [key: string]: number | readonly number[]
}

/** Rows that a value beyond an end is worth, when one row is at that end. */
const PRIOR = 0.5

/** Code of a number below all of the reference; above is UNSEEN. */
const belowCode = ({ edges }: Pick<NumericColumn, 'edges'>): number => FIRST_LEVEL + edges.length + 1

/** Numbers: one feature, (x − median) / scale, and a bin of about equal frequency. */
export const numeric: ColumnKind<NumericColumn> = {
  kind: 'numeric',
  input: { type: 'float64', rowDims: [] },
  fit: fitNumeric,
  width: () => 1,
  levels: (fitted) => belowCode(fitted) + 1,
  priors: (fitted) => ({
    [UNSEEN]: PRIOR / Math.max(1, fitted.highRows),
    [belowCode(fitted)]: PRIOR / Math.max(1, fitted.lowRows),
  }),
  encode(fitted, cell, out, at) {
    const value = standardised(fitted, cell)
    out[at] = value
    return codeOf(fitted, out[at]!)
  },
  feed: feedNumbers,
  graph: graphNumeric,
}

function fitNumeric({ codes, values }: SampleColumn): NumericColumn {
  const present = new Float64Array(codes.length)
  let count = 0
  for (let i = 0; i < codes.length; i++) {
    const value = codes[i] === 0 ? Number.NaN : Number(values[codes[i]! - 1])
    if (Number.isFinite(value)) present[count++] = value
  }
  const sorted = present.subarray(0, count).sort()
  const center = count > 0 ? quantileOfSorted(sorted, 0.5) : 0
  const scale = scaleOf(sorted, center)
  const ends = count > 0 ? [sorted[0]!, sorted[count - 1]!] : [0, 0]
  const [low, high] = ends.map((end) => Math.fround(standardised({ center, scale }, end)))
  const rowsAt = (value: number): number =>
    sorted.reduce((rows, other) => rows + (other === value ? 1 : 0), 0)
  return {
    ...{ center, scale, low: low!, high: high! },
    ...{ lowRows: rowsAt(ends[0]!), highRows: rowsAt(ends[1]!) },
    edges: edgesOf(sorted, { center, scale }),
  }
}

/** The interquartile range as a standard deviation, the standard deviation where that is larger or the range is none. */
function scaleOf(sorted: Float64Array, center: number): number {
  const range = quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)
  const spread = standardDeviation(sorted)
  if (spread > 0) return Math.max(range / NORMAL_RANGE, spread)
  return center === 0 ? 1 : Math.abs(center) / 10
}

function standardDeviation(values: Float64Array): number {
  let mean = 0
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    const delta = values[i]! - mean
    mean += delta / (i + 1)
    squares += delta * (values[i]! - mean)
  }
  return Math.sqrt(squares / Math.max(1, values.length))
}

/** Half-way between the distinct values around each quantile; few values have a bin each. */
function edgesOf(sorted: Float64Array, frame: { readonly center: number; readonly scale: number }): number[] {
  const edges = new Set<number>()
  for (const share of BIN_ENDS) {
    const at = Math.floor(share * sorted.length)
    let next = at
    while (next < sorted.length && sorted[next] === sorted[at]) next++
    if (next < sorted.length) edges.add(Math.fround(standardised(frame, (sorted[at]! + sorted[next]!) / 2)))
  }
  return [...edges].sort((a, b) => a - b)
}

function standardised(
  { center, scale }: { readonly center: number; readonly scale: number },
  cell: Cell,
): number {
  if (cell === null) return Number.NaN
  return Math.min(FARTHEST, Math.max(-FARTHEST, (Number(cell) - center) * (1 / scale)))
}

function codeOf({ low, high, edges }: NumericColumn, value: number): number {
  if (Number.isNaN(value)) return MISSING
  if (value < low) return belowCode({ edges })
  if (value > high) return UNSEEN
  let bin = 0
  while (bin < edges.length && value > edges[bin]!) bin++
  return FIRST_LEVEL + bin
}

function graphNumeric(
  graph: Graph,
  inputs: readonly Value[],
  columns: readonly NumericColumn[],
): ColumnValues {
  const { length } = columns
  const doubles = (values: readonly number[]): Value =>
    graph.constant({ type: 'float64', dims: [1, length], data: Float64Array.from(values) })
  const singles = (values: readonly number[]): Value => graph.constant(floats([...values], [1, length]))
  const cast = (value: Value, to: number): Value => graph.node('Cast', [value], { to: { integer: to } })
  const double = (value: number): Value => graph.constant(scalar('float64', value))
  const long = (value: number): Value => graph.constant(scalar('int64', value))
  const axis = graph.constant(longs(1))
  const cells = graph.node(
    'Concat',
    inputs.map((input) => graph.node('Unsqueeze', [input, axis])),
    { axis: { integer: 1 } },
  )
  const moved = graph.node('Mul', [
    graph.node('Sub', [cells, doubles(columns.map(({ center }) => center))]),
    doubles(columns.map(({ scale }) => 1 / scale)),
  ])
  const isMissing = graph.node('IsNaN', [cast(moved, FLOAT)])
  const clipped = graph.node('Min', [graph.node('Max', [moved, double(-FARTHEST)]), double(FARTHEST)])
  const missing = graph.constant(scalar('float32', Number.NaN))
  const features = graph.node('Where', [isMissing, missing, cast(clipped, FLOAT)])
  const isBelow = graph.node('Less', [features, singles(columns.map(({ low }) => low))])
  const isAbove = graph.node('Greater', [features, singles(columns.map(({ high }) => high))])
  const below: Tensor = {
    type: 'int64',
    dims: [1, length],
    data: BigInt64Array.from(columns, (column) => BigInt(belowCode(column))),
  }
  const bins = graph.node('Add', [graphBins(graph, features, columns), long(FIRST_LEVEL)])
  const notAbove = graph.node('Where', [isAbove, long(UNSEEN), bins])
  const known = graph.node('Where', [isBelow, graph.constant(below), notAbove])
  return { features, codes: graph.node('Where', [isMissing, long(MISSING), known]) }
}

/** How many edges of its column each value is above: int64 [rows, columns]. */
function graphBins(graph: Graph, features: Value, columns: readonly NumericColumn[]): Value {
  const most = Math.max(1, ...columns.map(({ edges }) => edges.length))
  const padded = new Float32Array(columns.length * most).fill(Infinity)
  for (const [c, { edges }] of columns.entries()) padded.set(edges, c * most)
  const last = graph.constant(longs(2))
  const above = graph.node('Greater', [
    graph.node('Unsqueeze', [features, last]),
    graph.constant(floats(padded, [1, columns.length, most])),
  ])
  return graph.node('ReduceSum', [graph.node('Cast', [above], { to: { integer: LONG } }), last], {
    keepdims: { integer: 0 },
  })
}

/** Numbers of element types, as Cast takes them. */
const FLOAT = 1
const LONG = 7
