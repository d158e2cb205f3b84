import type { SampleColumn } from '../../../data/profile.ts'
import { ln } from '../../../math/exponential.ts'
import type { Graph, Value } from '../../../onnx/graph.ts'
import { floats, longs, scalar, type Tensor } from '../../../onnx/tensor.ts'
import { FIRST_LEVEL, MISSING, UNSEEN } from '../encoded-rows.ts'
import { type ColumnKind, countsOf, oneByOne } from './column-kind.ts'

/** Characters read of a text, as UTF-16 code units; what follows is not looked at. */
export const TEXT_UNITS = 64
const TRIGRAM_BUCKETS = 1 << 14
const PATTERN_BUCKETS = 1 << 12
/** Products of a code unit with these, summed, stay below 2³¹. */
const TRIGRAM_FACTORS = [7919, 4637, 6451] as const
/** The largest symbol of a pattern is below 2⁸, and at most 64 of them are summed: factors below 2¹⁵ keep below 2³¹. */
const PATTERN_FACTORS = Int32Array.from(
  { length: TEXT_UNITS },
  (_, i) => 1 + ((i * 40_503 + 12_289) % 32_749),
)
const CLASSES = 5
/** upper, lower, digit: ranges of code units; space and all others follow. */
const RANGES = [
  [65, 90],
  [97, 122],
  [48, 57],
  [32, 32],
] as const
const OTHER_SYMBOLS = 200
/** length, five shares of characters, share of trigrams never seen, surprise of the pattern. */
const FEATURES = 8
/** Features that hardly vary in the reference are not blown up beyond this. */
const SMALLEST_SCALE = 0.05

export interface TextColumn {
  /** Buckets of trigrams that occur in the reference. */
  readonly trigrams: readonly number[]
  /** Bucket and −ln frequency of every pattern that occurs. */
  readonly patterns: readonly (readonly [bucket: number, surprise: number])[]
  readonly unseenPattern: number
  readonly means: readonly number[]
  readonly scales: readonly number[]
  readonly [key: string]: number | readonly number[] | readonly (readonly [number, number])[]
}

/**
 * Texts: length, kinds of characters, three-letter sequences and formats never seen, of the first 64 characters.
 *
 * The graph takes code units, since it has no operators that look into a text.
 */
export const text: ColumnKind<TextColumn> = {
  kind: 'text',
  input: { type: 'int32', rowDims: [TEXT_UNITS] },
  fit: fitText,
  width: () => FEATURES,
  levels: () => FIRST_LEVEL + 1,
  encode(fitted, cell, out, at) {
    if (cell === null) {
      out.fill(Number.NaN, at, at + FEATURES)
      return MISSING
    }
    const { raw, isKnown } = describe(String(cell), tablesOf(fitted))
    for (let f = 0; f < FEATURES; f++)
      out[at + f] = Math.fround(Math.fround(raw[f]! - fitted.means[f]!) * Math.fround(1 / fitted.scales[f]!))
    return isKnown ? FIRST_LEVEL : UNSEEN
  },
  feed: feedText,
  graph: oneByOne(graphText),
}

interface Tables {
  /** 1 for a trigram never seen. */
  readonly trigrams: Float32Array
  readonly patterns: Float32Array
  readonly known: Uint8Array
}

const remembered = new WeakMap<TextColumn, Tables>()

function tablesOf(fitted: TextColumn): Tables {
  let tables = remembered.get(fitted)
  if (!tables) remembered.set(fitted, (tables = makeTables(fitted)))
  return tables
}

function makeTables({ trigrams, patterns, unseenPattern }: TextColumn): Tables {
  const tables = {
    trigrams: new Float32Array(TRIGRAM_BUCKETS).fill(1),
    patterns: new Float32Array(PATTERN_BUCKETS).fill(unseenPattern),
    known: new Uint8Array(PATTERN_BUCKETS),
  }
  for (const bucket of trigrams) tables.trigrams[bucket] = 0
  for (const [bucket, surprise] of patterns) {
    tables.patterns[bucket] = surprise
    tables.known[bucket] = 1
  }
  return tables
}

/** Code units, 0 after the end. A missing text is −1 at first; an empty one all 0. */
function feedText({ codes, values }: SampleColumn): Tensor {
  const data = new Int32Array(codes.length * TEXT_UNITS)
  for (let row = 0; row < codes.length; row++) {
    const at = row * TEXT_UNITS
    if (codes[row] === 0) data[at] = -1
    else writeUnits(String(values[codes[row]! - 1]), data, at)
  }
  return { type: 'int32', dims: [codes.length, TEXT_UNITS], data }
}

/** A NUL inside a text counts as its end. */
function writeUnits(cell: string, out: Int32Array, at: number): number {
  let size = 0
  while (size < Math.min(cell.length, TEXT_UNITS) && cell.charCodeAt(size) !== 0)
    out[at + size] = cell.charCodeAt(size++)
  return size
}

const units = new Int32Array(TEXT_UNITS)

const classOf = (unit: number): number => {
  const found = RANGES.findIndex(([low, high]) => unit >= low && unit <= high)
  return found < 0 ? CLASSES - 1 : found
}

/** A run of one class is one symbol; every other character is a symbol by itself. */
const symbolOf = (unit: number, kind: number): number =>
  kind < CLASSES - 1 ? kind + 1 : CLASSES + (unit % OTHER_SYMBOLS)

function shapeOf(cell: string): {
  readonly size: number
  readonly shares: Float32Array
  readonly pattern: number
} {
  const size = writeUnits(cell, units, 0)
  const shares = new Float32Array(CLASSES)
  let hash = 0
  let symbols = 0
  let previous = -1
  for (let i = 0; i < size; i++) {
    const kind = classOf(units[i]!)
    shares[kind]!++
    if (kind === CLASSES - 1 || kind !== previous)
      hash += symbolOf(units[i]!, kind) * PATTERN_FACTORS[symbols++]!
    previous = kind
  }
  for (let k = 0; k < CLASSES; k++) shares[k] = shares[k]! / Math.max(1, size)
  return { size, shares, pattern: hash % PATTERN_BUCKETS }
}

function* trigramsOf(size: number): Generator<number> {
  const [a, b, c] = TRIGRAM_FACTORS
  for (let i = 0; i + 2 < size; i++)
    yield (units[i]! * a + units[i + 1]! * b + units[i + 2]! * c) % TRIGRAM_BUCKETS
}

function describe(cell: string, { trigrams, patterns, known }: Tables) {
  const { size, shares, pattern } = shapeOf(cell)
  let unseen = 0
  for (const bucket of trigramsOf(size)) unseen += trigrams[bucket]!
  const novelty = Math.fround(unseen / Math.max(1, size - 2))
  return { raw: [size, ...shares, novelty, patterns[pattern]!], isKnown: known[pattern] === 1 }
}

function fitText(column: SampleColumn): TextColumn {
  const counts = countsOf(column)
  const trigrams = new Set<number>()
  const patterns = new Map<number, number>()
  let rows = 0
  for (const [i, value] of column.values.entries()) {
    const count = counts[i + 1]!
    if (count === 0) continue
    const { size, pattern } = shapeOf(String(value))
    for (const bucket of trigramsOf(size)) trigrams.add(bucket)
    patterns.set(pattern, (patterns.get(pattern) ?? 0) + count)
    rows += count
  }
  const surpriseOf = (count: number): number =>
    Math.fround(-ln((count + 0.5) / (rows + 0.5 * (patterns.size + 1))))
  const learnt = {
    trigrams: [...trigrams].sort((a, b) => a - b),
    patterns: [...patterns]
      .sort(([a], [b]) => a - b)
      .map(([bucket, count]) => [bucket, surpriseOf(count)] as const),
    unseenPattern: surpriseOf(0),
  }
  return { ...learnt, ...momentsOf(column, counts, makeTables({ ...learnt, means: [], scales: [] })) }
}

function momentsOf(column: SampleColumn, counts: Uint32Array, tables: Tables) {
  const sums = new Float64Array(FEATURES)
  const squares = new Float64Array(FEATURES)
  let rows = 0
  for (const [i, value] of column.values.entries()) {
    const count = counts[i + 1]!
    if (count === 0) continue
    rows += count
    const { raw } = describe(String(value), tables)
    for (let f = 0; f < FEATURES; f++) {
      sums[f] = sums[f]! + count * raw[f]!
      squares[f] = squares[f]! + count * raw[f]! ** 2
    }
  }
  const means = Array.from(sums, (sum) => Math.fround(sum / Math.max(1, rows)))
  const scales = Array.from(squares, (sum, f) =>
    Math.max(SMALLEST_SCALE, Math.sqrt(Math.max(0, sum / Math.max(1, rows) - means[f]! ** 2))),
  )
  return { means, scales }
}

function graphText(graph: Graph, input: Value, fitted: TextColumn) {
  const tables = tablesOf(fitted)
  const int = (value: number): Value => graph.constant(scalar('int32', value))
  const cast = (value: Value, to: number): Value => graph.node('Cast', [value], { to: { integer: to } })
  const sum = (value: Value): Value =>
    graph.node('ReduceSum', [value, graph.constant(longs(1))], { keepdims: { integer: 1 } })
  const slice = (value: Value, from: number, to: number): Value =>
    graph.node('Slice', [
      value,
      graph.constant(longs(from)),
      graph.constant(longs(to)),
      graph.constant(longs(1)),
    ])
  const isUnit = graph.node('Greater', [input, int(0)])
  const kinds = RANGES.map(([low, high]) =>
    graph.node('And', [
      graph.node('GreaterOrEqual', [input, int(low)]),
      graph.node('LessOrEqual', [input, int(high)]),
    ]),
  )
  const isNamed = kinds.slice(1).reduce((any, kind) => graph.node('Or', [any, kind]), kinds[0]!)
  const isOther = graph.node('And', [isUnit, graph.node('Not', [isNamed])])
  const size = sum(cast(isUnit, FLOAT))
  const atLeastOne = graph.node('Max', [size, graph.constant(scalar('float32', 1))])
  const shares = [...kinds, isOther].map((kind) => graph.node('Div', [sum(cast(kind, FLOAT)), atLeastOne]))
  const novelty = graphNovelty(graph, { input, isUnit, slice, sum, cast, int }, tables)
  const pattern = graphPattern(graph, { input, kinds, isOther, isUnit, slice, sum, cast, int })
  const surprise = graph.node('Gather', [graph.constant(floats(tables.patterns)), pattern])
  const raw = graph.node('Concat', [size, ...shares, novelty, surprise], { axis: { integer: 1 } })
  const isMissing = graph.node('Less', [slice(input, 0, 1), int(0)])
  const row = (values: readonly number[]): Value => graph.constant(floats([...values], [1, FEATURES]))
  const moved = graph.node('Mul', [
    graph.node('Sub', [raw, row(fitted.means)]),
    row(fitted.scales.map((scale) => 1 / scale)),
  ])
  const long = (value: number): Value => graph.constant(scalar('int64', value))
  const known = graph.node('Where', [
    graph.node('Gather', [
      graph.constant({ type: 'bool', dims: [PATTERN_BUCKETS], data: tables.known }),
      pattern,
    ]),
    long(FIRST_LEVEL),
    long(UNSEEN),
  ])
  return {
    features: graph.node('Where', [isMissing, graph.constant(scalar('float32', Number.NaN)), moved]),
    codes: graph.node('Where', [isMissing, long(MISSING), known]),
  }
}

interface TextParts {
  readonly input: Value
  readonly isUnit: Value
  slice(value: Value, from: number, to: number): Value
  sum(value: Value): Value
  cast(value: Value, to: number): Value
  int(value: number): Value
}

function graphNovelty(
  graph: Graph,
  { input, isUnit, slice, sum, cast, int }: TextParts,
  tables: Tables,
): Value {
  const shifted = TRIGRAM_FACTORS.map((factor, i) =>
    graph.node('Mul', [slice(input, i, TEXT_UNITS - 2 + i), int(factor)]),
  )
  const hash = shifted.slice(1).reduce((total, part) => graph.node('Add', [total, part]), shifted[0]!)
  const bucket = graph.node('Mod', [hash, int(TRIGRAM_BUCKETS)])
  const isTrigram = cast(slice(isUnit, 2, TEXT_UNITS), FLOAT)
  // The −1 of a missing text would be a negative bucket, which Gather counts from the end: harmless, and masked.
  const isNew = graph.node('Gather', [graph.constant(floats(tables.trigrams)), bucket])
  const unseen = sum(graph.node('Mul', [isNew, isTrigram]))
  const count = graph.node('Max', [sum(isTrigram), graph.constant(scalar('float32', 1))])
  return graph.node('Div', [unseen, count])
}

function graphPattern(
  graph: Graph,
  parts: TextParts & { readonly kinds: readonly Value[]; readonly isOther: Value },
): Value {
  const { input, kinds, isOther, isUnit, slice, sum, cast, int } = parts
  const runs = kinds.map((kind, k) => graph.node('Mul', [cast(kind, INT), int(k + 1)]))
  const run = runs.slice(1).reduce((total, part) => graph.node('Add', [total, part]), runs[0]!)
  const own = graph.node('Add', [graph.node('Mod', [input, int(OTHER_SYMBOLS)]), int(CLASSES)])
  const symbol = graph.node('Where', [isOther, own, run])
  const before = graph.node(
    'Concat',
    [graph.node('Mul', [slice(run, 0, 1), int(0)]), slice(run, 0, TEXT_UNITS - 1)],
    {
      axis: { integer: 1 },
    },
  )
  const isNewRun = graph.node('Not', [graph.node('Equal', [run, before])])
  const starts = cast(graph.node('And', [isUnit, graph.node('Or', [isOther, isNewRun])]), INT)
  const place = graph.node('CumSum', [starts, graph.constant(scalar('int32', 1))])
  const factors: Tensor = {
    type: 'int32',
    dims: [TEXT_UNITS + 1],
    data: Int32Array.of(0, ...PATTERN_FACTORS),
  }
  const factor = graph.node('Gather', [graph.constant(factors), place])
  const terms = graph.node('Mul', [graph.node('Mul', [symbol, factor]), starts])
  return graph.node('Mod', [sum(terms), int(PATTERN_BUCKETS)])
}

/** Numbers of element types, as Cast takes them. */
const FLOAT = 1
const INT = 6
