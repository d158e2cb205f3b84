import { FiableError } from '../../data/errors.ts'
import type { Json } from '../../data/json.ts'
import type { RowSample, SampleColumn } from '../../data/profile.ts'
import { type Graph, RESERVED_PREFIX, type Value } from '../../onnx/graph.ts'
import type { Tensors } from '../../onnx/session.ts'
import { categorical } from './columns/categorical.ts'
import { type Cell, type ColumnKind, countsOf } from './columns/column-kind.ts'
import { numeric } from './columns/numeric.ts'
import { text } from './columns/text.ts'
import { time } from './columns/time.ts'
import type { EncodedRows, Encoding } from './encoded-rows.ts'

/** Kinds in the order that columns have in a model. */
const KINDS = ['numeric', 'categorical', 'text', 'time'] as const

export type ColumnKindName = (typeof KINDS)[number]

const kinds: Readonly<Record<ColumnKindName, ColumnKind>> = {
  numeric: numeric as unknown as ColumnKind,
  categorical: categorical as unknown as ColumnKind,
  text: text as unknown as ColumnKind,
  time: time as unknown as ColumnKind,
}

/** A column as the transformer learnt it. */
export interface FittedColumn {
  readonly name: string
  readonly kind: ColumnKindName
  /** Name of the graph's input: the column's own, unless that is taken. */
  readonly input: string
  readonly fitted: Json
}

/** As much of a column as feeding a graph takes. */
export type FedColumn = Omit<FittedColumn, 'fitted'>

/** How rows become numbers, learnt from reference rows; plain values, survives JSON. Columns are ordered by kind. */
export interface Transformer {
  readonly columns: readonly FittedColumn[]
  /** Columns that say nothing about a row, each with the reason. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
}

/** Names that the graph gives its outputs, and that a column may have too. */
export const OUTPUT_NAMES = [
  'score',
  'member_scores',
  'column_scores',
  'expected_codes',
  'expected_numbers',
  'similar_rows',
] as const

const FEWEST_ROWS = 50
const MOST_COLUMNS = 5000
/** A text column with at most so many values holds categories, whatever their share of the rows. */
const FEW_CATEGORIES = 50
/** Otherwise its values must repeat: at most so many distinct ones per row. */
const CATEGORY_SHARE = 0.2
const MOST_CATEGORIES = 50_000
/** A whole-number column with so many distinct values per row numbers the rows. */
const IDENTIFIER_SHARE = 0.99

/**
 * Learns how to turn rows into numbers.
 *
 * Left out are columns without a value, and whole numbers that are nearly all different: they number the rows, and grow
 * from batch to batch.
 *
 * @throws FiableError TOO_FEW_ROWS below 50 rows, TOO_MANY_COLUMNS above 5,000, BAD_SCHEMA when no column is left.
 */
export function fitTransformer(reference: RowSample): Transformer {
  if (reference.rows < FEWEST_ROWS) throw tooFewRows(reference.rows, FEWEST_ROWS)
  if (reference.columns.length > MOST_COLUMNS) throw tooManyColumns(reference.columns.length)
  const columns: FittedColumn[] = []
  const leftOut: { name: string; reason: string }[] = []
  const inputs = inputNames(reference.columns.map(({ column }) => column.name))
  for (const [i, column] of reference.columns.entries()) {
    const { name } = column.column
    const kind = kindOf(column)
    if (typeof kind === 'string')
      columns.push({ name, kind, input: inputs[i]!, fitted: kinds[kind].fit(column) })
    else leftOut.push({ name, reason: kind.leftOut })
  }
  if (columns.length === 0) throw nothingLeft(leftOut)
  columns.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
  return { columns, leftOut }
}

function kindOf(column: SampleColumn): ColumnKindName | { readonly leftOut: string } {
  const counts = countsOf(column)
  const filled = column.codes.length - counts[0]!
  if (filled === 0) return { leftOut: 'no value' }
  const distinct = counts.subarray(1).reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  const { storage } = column.column
  if (storage === 'time') return 'time'
  if (storage === 'boolean') return 'categorical'
  if (storage === 'number') {
    const isWhole = column.values.every((value) => Number.isInteger(value))
    const isIdentifier = isWhole && distinct >= IDENTIFIER_SHARE * filled
    return isIdentifier ? { leftOut: 'numbers the rows' } : 'numeric'
  }
  const repeats = distinct <= Math.max(FEW_CATEGORIES, CATEGORY_SHARE * filled) && distinct < filled
  return repeats && distinct <= MOST_CATEGORIES ? 'categorical' : 'text'
}

/** Each column's own name, unless an output or an inner tensor has it; then one that nobody has. */
function inputNames(names: readonly string[]): string[] {
  const taken = new Set<string>([...OUTPUT_NAMES, ...names, ''])
  const outputs = new Set<string>(OUTPUT_NAMES)
  return names.map((name) => {
    if (name !== '' && !outputs.has(name) && !name.startsWith(RESERVED_PREFIX)) return name
    let free = `column ${name}`
    while (taken.has(free)) free += '_'
    taken.add(free)
    return free
  })
}

/** What the encoding of a transformer looks like. */
export function encodingOf({ columns }: Transformer): Encoding {
  const widths = columns.map(({ kind, fitted }) => kinds[kind].width(fitted))
  return {
    columnOf: widths.flatMap((width, column) => Array<number>(width).fill(column)),
    levels: columns.map(({ kind, fitted }) => kinds[kind].levels(fitted)),
    isCategory: columns.map(({ kind }) => kind === 'categorical'),
    priors: columns.map(({ kind, fitted }) => kinds[kind].priors?.(fitted) ?? {}),
  }
}

/**
 * Turns rows into numbers.
 *
 * @param chosen - Rows wanted, in order; all when left out.
 * @throws FiableError BAD_SCHEMA when a column is missing or holds another type; columns not learnt from are ignored.
 */
export function encodeRows(
  transformer: Transformer,
  sample: RowSample,
  chosen: ArrayLike<number> = Uint32Array.from({ length: sample.rows }, (_, row) => row),
): EncodedRows {
  const width = encodingOf(transformer).columnOf.length
  const columns = transformer.columns.length
  const rows = chosen.length
  const features = new Float32Array(rows * width)
  const codes = new Uint8Array(rows * columns)
  const encoded = scratchFor(transformer, sample)
  let at = 0
  for (const [c, { column, kind, fitted }] of matched(transformer.columns, sample).entries()) {
    encodeDistinct(kinds[kind], fitted, column, encoded)
    const own = kinds[kind].width(fitted)
    for (let i = 0; i < rows; i++) {
      const code = column.codes[chosen[i]!]!
      for (let f = 0; f < own; f++) features[i * width + at + f] = encoded.features[code * own + f]!
      codes[i * columns + c] = encoded.codes[code]!
    }
    at += own
  }
  return { rows, width, features, codes }
}

/** Room for the features and codes of the distinct cells of any column: taken once, not per column. */
interface Scratch {
  readonly features: Float32Array
  readonly codes: Uint8Array
}

function scratchFor({ columns }: Transformer, sample: RowSample): Scratch {
  const most = sample.columns.reduce((high, { values }) => Math.max(high, values.length), 0) + 1
  const widest = Math.max(...columns.map(({ kind, fitted }) => kinds[kind].width(fitted)))
  return { features: new Float32Array(most * widest), codes: new Uint8Array(most) }
}

/** Writes features and code of every distinct cell; position 0 is the missing one. */
function encodeDistinct(kind: ColumnKind, fitted: Json, { values }: SampleColumn, scratch: Scratch): void {
  const width = kind.width(fitted)
  for (let i = 0; i <= values.length; i++) {
    const cell: Cell = i === 0 ? null : values[i - 1]!
    scratch.codes[i] = kind.encode(fitted, cell, scratch.features, i * width)
  }
}

/** The columns of a sample in the order of the transformer. */
function matched<Known extends FedColumn>(
  columns: readonly Known[],
  sample: RowSample,
): readonly (Known & { readonly column: SampleColumn })[] {
  const found = new Map(sample.columns.map((column) => [column.column.name, column]))
  return columns.map((known) => {
    const column = found.get(known.name)
    if (!column) throw missingColumn(known.name, [...found.keys()])
    if (!suits(known.kind, column)) throw otherType(known, column)
    return { ...known, column }
  })
}

/** Whether rows have all these columns, with values that can be read as the kinds learnt. */
export function hasColumns(columns: readonly FedColumn[], sample: RowSample): boolean {
  const found = new Map(sample.columns.map((column) => [column.column.name, column]))
  return columns.every(({ name, kind }) => found.has(name) && suits(kind, found.get(name)!))
}

/** Whether values of this storage can be read as the kind learnt; a column without values suits every kind. */
function suits(kind: ColumnKindName, { column, values }: SampleColumn): boolean {
  if (values.length === 0) return true
  if (kind === 'numeric') return column.storage === 'number'
  if (kind === 'time') return column.storage === 'time'
  return column.storage !== 'number' && column.storage !== 'time'
}

/** The rows as a graph takes them: one tensor per input. Throws as `encodeRows` does. */
export const feedsOf = (columns: readonly FedColumn[], sample: RowSample): Tensors =>
  Object.fromEntries(
    matched(columns, sample).map(({ input, kind, column }) => [input, kinds[kind].feed(column)]),
  )

/** The transformer inside a graph. */
export interface TransformedValues {
  /** float32 [rows, width], NaN where missing. */
  readonly features: Value
  /** int64 [rows, columns]. */
  readonly codes: Value
}

/** Adds the inputs of a transformer to a graph, and what it makes of them. */
export function graphTransformer(graph: Graph, { columns }: Transformer): TransformedValues {
  const parts = KINDS.flatMap((kind) => {
    const own = columns.filter((column) => column.kind === kind)
    if (own.length === 0) return []
    const { type, rowDims } = kinds[kind].input
    const inputs = own.map(({ input }) => graph.input({ name: input, type, dims: ['rows', ...rowDims] }))
    return kinds[kind].graph(
      graph,
      inputs,
      own.map(({ fitted }) => fitted),
    )
  })
  const join = (values: readonly Value[]): Value => graph.node('Concat', values, { axis: { integer: 1 } })
  return {
    features: join(parts.map(({ features }) => features)),
    codes: join(parts.map(({ codes }) => codes)),
  }
}

/** The error for fewer reference rows than needed. */
export const tooFewRows = (rows: number, needed: number): FiableError =>
  new FiableError(
    'TOO_FEW_ROWS',
    `A row model was given ${rows} reference rows but needs ${needed}.`,
    'Check more batches first, or watch small tables by their metrics alone.',
  )

const tooManyColumns = (columns: number) =>
  new FiableError(
    'TOO_MANY_COLUMNS',
    `A row model was given ${columns} columns but takes at most ${MOST_COLUMNS}.`,
    'Train on a query that selects the columns that matter.',
  )

const nothingLeft = (leftOut: Transformer['leftOut']) =>
  new FiableError(
    'BAD_SCHEMA',
    `No column says anything about a row: ${leftOut.map(({ name, reason }) => `${name} (${reason})`).join(', ') || 'there is none'}.`,
    'Train on a table with at least one column of measurements, categories, texts or times.',
  )

const missingColumn = (name: string, found: readonly string[]) =>
  new FiableError(
    'BAD_SCHEMA',
    `The row model was trained with a column ${JSON.stringify(name)}, which the rows do not have; they have ${found.slice(0, 20).join(', ')}${found.length > 20 ? ', …' : ''}.`,
    'Give the column its old name back, or train a new model with `fiable train`.',
  )

const otherType = ({ name, kind }: FedColumn, { column }: SampleColumn) =>
  new FiableError(
    'BAD_SCHEMA',
    `The row model was trained with ${JSON.stringify(name)} as ${kind}, but its type is now ${column.type}.`,
    'Cast the column back, or train a new model with `fiable train`.',
  )
