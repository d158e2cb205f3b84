import type { Json } from '../../../data/json.ts'
import type { SampleColumn } from '../../../data/profile.ts'
import type { Graph, Value } from '../../../onnx/graph.ts'
import type { Tensor, TensorType } from '../../../onnx/tensor.ts'

/** A cell as a sample holds it: booleans 0/1, times epoch milliseconds; null when missing. */
export type Cell = number | string | null

/** What columns of one kind give inside a graph, side by side. */
export interface ColumnValues {
  /** float32 [rows, total width]. */
  readonly features: Value
  /** int64 [rows, columns]. */
  readonly codes: Value
}

/** How columns of one kind become numbers: the same in TypeScript and in a graph. */
export interface ColumnKind<Fitted extends Json = Json> {
  readonly kind: string
  /** What the graph takes for each row. */
  readonly input: { readonly type: TensorType; readonly rowDims: readonly number[] }
  /** Learns from reference rows, at least one of them not missing. */
  fit(column: SampleColumn): Fitted
  /** Features per row. */
  width(fitted: Fitted): number
  /** Codes that can occur. */
  levels(fitted: Fitted): number
  /** Rows that a code is worth before any is seen, where that is not half a row. */
  priors?(fitted: Fitted): Readonly<Record<number, number>>
  /** Writes the features of one cell to `out[at…]`; returns its code. */
  encode(fitted: Fitted, cell: Cell, out: Float32Array, at: number): number
  /** The cells of a column as the graph takes them. */
  feed(column: SampleColumn): Tensor
  /** All columns of the kind at once: runtimes take long to load graphs of many small operators. */
  graph(graph: Graph, inputs: readonly Value[], fitted: readonly Fitted[]): ColumnValues
}

/** The graph of columns that are worked on one by one. */
export const oneByOne =
  <Fitted>(graphOne: (graph: Graph, input: Value, fitted: Fitted) => ColumnValues) =>
  (graph: Graph, inputs: readonly Value[], fitted: readonly Fitted[]): ColumnValues => {
    const each = inputs.map((input, i) => graphOne(graph, input, fitted[i]!))
    const join = (values: readonly Value[]): Value => graph.node('Concat', values, { axis: { integer: 1 } })
    return {
      features: join(each.map(({ features }) => features)),
      codes: join(each.map(({ codes }) => codes)),
    }
  }

/** The cell of a row. */
export const cellOf = ({ codes, values }: SampleColumn, row: number): Cell =>
  codes[row] === 0 ? null : values[codes[row]! - 1]!

/** Rows per distinct value; position 0 counts the missing. */
export function countsOf({ codes, values }: SampleColumn): Uint32Array {
  const counts = new Uint32Array(values.length + 1)
  for (let i = 0; i < codes.length; i++) counts[codes[i]!]!++
  return counts
}

/** Cells as doubles, NaN where missing, as numbers and times are fed. */
export function feedNumbers({ codes, values }: SampleColumn): Tensor {
  const data = Float64Array.from(codes, (code) => (code === 0 ? Number.NaN : Number(values[code - 1])))
  return { type: 'float64', dims: [codes.length], data }
}
