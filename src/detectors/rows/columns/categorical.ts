import type { SampleColumn } from '../../../data/profile.ts'
import { ln } from '../../../math/exponential.ts'
import type { Graph, Value } from '../../../onnx/graph.ts'
import { longs } from '../../../onnx/tensor.ts'
import { FIRST_LEVEL, MISSING, UNSEEN } from '../encoded-rows.ts'
import { type Cell, type ColumnKind, countsOf, oneByOne } from './column-kind.ts'

/** Categories with a code of their own, the most frequent; the others share one. */
const OWN_CODES = 60
/** Categories remembered with their frequency. */
const REMEMBERED = 50_000
/** How a missing cell is fed to the graph, which has no null: the control character "start of heading". */
export const MISSING_TEXT = '\u0001'

export interface CategoricalColumn {
  /** Most frequent first. */
  readonly values: readonly string[]
  /** Standardised −ln of the smoothed frequency, same order. */
  readonly surprises: readonly number[]
  /** The same of a category never seen. */
  readonly unseen: number
  readonly [key: string]: number | readonly string[] | readonly number[]
}

/**
 * Categories: one feature, the standardised −ln of how often the category occurs, and a code.
 *
 * A category never seen has a code and a frequency of its own (half a row in the reference), and is never taken for
 * another one.
 */
export const categorical: ColumnKind<CategoricalColumn> = {
  kind: 'categorical',
  input: { type: 'string', rowDims: [] },
  fit: fitCategorical,
  width: () => 1,
  levels: ({ values }) => FIRST_LEVEL + Math.min(values.length, OWN_CODES + 1),
  encode(fitted, cell, out, at) {
    const place = placeOf(fitted, cell)
    if (cell === null) {
      out[at] = Number.NaN
      return MISSING
    }
    out[at] = place === undefined ? fitted.unseen : fitted.surprises[place]!
    return place === undefined ? UNSEEN : codeAt(place)
  },
  feed: (column) => ({
    type: 'string',
    dims: [column.codes.length],
    data: Array.from(column.codes, (code) => (code === 0 ? MISSING_TEXT : textOf(column.values[code - 1]!))),
  }),
  graph: oneByOne(graphCategorical),
}

/** A category as text; the 0 and 1 of booleans are `false` and `true`. */
const textOf = (value: number | string): string =>
  typeof value === 'string' ? value : value === 1 ? 'true' : 'false'

const codeAt = (place: number): number => FIRST_LEVEL + Math.min(place, OWN_CODES)

const places = new WeakMap<CategoricalColumn, ReadonlyMap<string, number>>()

function placeOf(fitted: CategoricalColumn, cell: Cell): number | undefined {
  let known = places.get(fitted)
  if (!known) places.set(fitted, (known = new Map(fitted.values.map((value, place) => [value, place]))))
  return cell === null ? undefined : known.get(textOf(cell))
}

function fitCategorical(column: SampleColumn): CategoricalColumn {
  const counts = countsOf(column)
  const ranked = column.values
    .map((value, i) => ({ value: textOf(value), count: counts[i + 1]! }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, REMEMBERED)
  const total = ranked.reduce((sum, { count }) => sum + count, 0)
  const surpriseOf = (count: number): number => -ln((count + 0.5) / (total + 0.5 * (ranked.length + 1)))
  const surprises = ranked.map(({ count }) => surpriseOf(count))
  const mean = surprises.reduce((sum, surprise, i) => sum + (surprise * ranked[i]!.count) / total, 0)
  const variance = surprises.reduce(
    (sum, surprise, i) => sum + ((surprise - mean) ** 2 * ranked[i]!.count) / total,
    0,
  )
  const scale = variance > 0 ? Math.sqrt(variance) : 1
  const standardise = (surprise: number): number => Math.fround((surprise - mean) / scale)
  return {
    values: ranked.map(({ value }) => value),
    surprises: surprises.map(standardise),
    unseen: standardise(surpriseOf(0)),
  }
}

function graphCategorical(graph: Graph, input: Value, { values, surprises, unseen }: CategoricalColumn) {
  const column = graph.node('Unsqueeze', [input, graph.constant(longs(1))])
  const keys = { keys_strings: { texts: [MISSING_TEXT, ...values] } }
  const features = graph.node(
    'LabelEncoder',
    [column],
    {
      ...keys,
      values_floats: { floats: Float32Array.of(Number.NaN, ...surprises) },
      default_float: { float: unseen },
    },
    'ai.onnx.ml',
  )
  const codes = graph.node(
    'LabelEncoder',
    [column],
    {
      ...keys,
      values_int64s: { integers: [MISSING, ...values.map((_, place) => codeAt(place))] },
      default_int64: { integer: UNSEEN },
    },
    'ai.onnx.ml',
  )
  return { features, codes }
}
