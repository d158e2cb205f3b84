import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Params } from '../data/params.ts'
import { type EncodedRows, type Encoding, takeEncoded } from '../detectors/rows/encoded-rows.ts'
import type { FitTools, FittedRows, RowDetector } from '../detectors/rows/row-detector.ts'
import { random, randomNormal } from '../math/random.ts'
import { createGraph } from '../onnx/graph.ts'
import { modelFile } from '../onnx/model-file.ts'
import type { OpenSession, Session } from '../onnx/session.ts'
import { floats, floatsOf } from '../onnx/tensor.ts'

/** Columns of the rows that detectors are tried on: four numbers and a category. */
const NUMBERS = 4
const CATEGORIES = 5
/** Largest difference of a score between TypeScript and its graph, relative to scores of about 1. */
const CLOSE = 1e-4

/**
 * Registers the tests of what every row detector owes its users, under `node:test`; for the built-in ones and for yours.
 *
 * Same rows and seed, same score; order of rows irrelevant; inputs untouched; spoiled rows score higher; missing cells and
 * constant columns give finite scores; the graph gives the scores of the code; parameters and source documented.
 *
 * @param openSession - Runs the graphs, such as ONNX Runtime.
 * @param settings - Settings that make learning quick.
 */
export function checkRowDetector(
  detector: RowDetector,
  {
    openSession,
    settings = {},
  }: { readonly openSession: OpenSession; readonly settings?: Record<string, number> },
): void {
  const rule = (sentence: string, run: () => Promise<void> | void): void => {
    test(`${detector.name}: ${sentence}`, run)
  }
  const tools: FitTools = { seed: 'contract', openSession }
  const fit = (rows: EncodedRows): Promise<FittedRows> =>
    detector.fit({ rows, heldOut: encodedRows('held out', 200), encoding }, settings, tools)
  checkDeclaration(detector, rule)
  rule('the same rows and seed give the same scores', async () => {
    const batch = encodedRows('batch', 100)
    const scores = [await fit(encodedRows('reference', 600)), await fit(encodedRows('reference', 600))]
    assert.deepEqual(scores[0]!.score(batch), scores[1]!.score(batch))
  })
  rule('the order of the rows scored does not matter, and they stay untouched', async () => {
    const fitted = await fit(encodedRows('reference', 600))
    const batch = encodedRows('batch', 100)
    const copy = structuredClone(batch)
    const { scores } = fitted.score(batch)
    assert.deepEqual(batch, copy)
    const backwards = Array.from({ length: 100 }, (_, i) => 99 - i)
    assert.deepEqual(fitted.score(takeEncoded(batch, backwards)).scores, scores.toReversed())
  })
  rule('spoiled rows score higher', async () => {
    const fitted = await fit(encodedRows('reference', 600))
    const batch = encodedRows('batch', 200)
    assert.ok(mean(fitted.score(spoiled(batch)).scores) > mean(fitted.score(batch).scores))
  })
  rule('missing cells and constant columns give finite scores', async () => {
    const constant = encodedRows('constant', 300, () => 0)
    const missing = encodedRows('missing', 50, () => Number.NaN)
    for (const reference of [constant, encodedRows('reference', 300)]) {
      const { scores, columns } = (await fit(reference)).score(missing)
      assert.ok([...scores, ...columns.flatMap((own) => [...own])].every(Number.isFinite))
    }
  })
  rule('its graph gives the same scores', async () => {
    const fitted = await fit(encodedRows('reference', 600))
    const session = await openSession(graphOf(fitted))
    for (const batch of [encodedRows('batch', 100), spoiled(encodedRows('batch', 100))])
      await assertSame(fitted, batch, session)
    await session.release()
  })
}

const encoding: Encoding = {
  columnOf: [0, 1, 2, 3, 4],
  levels: [...Array<number>(NUMBERS).fill(6), CATEGORIES + 2],
  isCategory: [...Array<boolean>(NUMBERS).fill(false), true],
  priors: Array.from({ length: NUMBERS + 1 }, () => ({})),
}

/** Numbers that follow a hidden one, each with its bin, and a category that follows its sign. */
function encodedRows(seed: string, rows: number, make?: () => number): EncodedRows {
  const draw = random(`row contract ${seed}`)
  const width = NUMBERS + 1
  const features = new Float32Array(rows * width)
  const codes = new Uint8Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const hidden = randomNormal(draw)
    for (let c = 0; c < NUMBERS; c++) {
      const value = make ? make() : (c % 2 === 0 ? hidden : -hidden) + 0.3 * randomNormal(draw)
      features[row * width + c] = value
      codes[row * width + c] = binOf(value)
    }
    const category = hidden > 0 ? 2 : 3 + Math.floor(draw() * (CATEGORIES - 1))
    features[row * width + NUMBERS] = category === 2 ? -1 : 1
    codes[row * width + NUMBERS] = category
  }
  return { rows, width, features, codes }
}

const binOf = (value: number): number => {
  if (Number.isNaN(value)) return 0
  return Math.abs(value) > 3 ? 1 : value < -1 ? 2 : value < 0 ? 3 : value < 1 ? 4 : 5
}

/** The first number of each row far out. */
function spoiled(batch: EncodedRows): EncodedRows {
  const copy = structuredClone(batch)
  for (let row = 0; row < batch.rows; row++) {
    copy.features[row * batch.width] = 6
    copy.codes[row * batch.width] = binOf(6)
  }
  return copy
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

function graphOf(fitted: FittedRows): Uint8Array {
  const graph = createGraph('contract')
  const features = graph.input({ name: 'features', type: 'float32', dims: ['rows', NUMBERS + 1] })
  const codes = graph.input({ name: 'codes', type: 'int64', dims: ['rows', NUMBERS + 1] })
  const { scores, columns } = fitted.graph(graph, { features, codes })
  graph.output({ name: 'scores', type: 'float32', dims: ['rows', 1] }, scores)
  for (const [i, own] of columns.entries())
    graph.output({ name: `columns ${i}`, type: 'float32', dims: ['rows', NUMBERS + 1] }, own)
  return modelFile(graph)
}

async function assertSame(fitted: FittedRows, batch: EncodedRows, session: Session): Promise<void> {
  const here = fitted.score(batch)
  const there = await session.run({
    features: floats(batch.features, [batch.rows, batch.width]),
    codes: { type: 'int64', dims: [batch.rows, batch.width], data: BigInt64Array.from(batch.codes, BigInt) },
  })
  assertClose(here.scores, floatsOf(there.scores))
  for (const [i, own] of here.columns.entries()) assertClose(own, floatsOf(there[`columns ${i}`]))
}

function assertClose(here: Float32Array, there: Float32Array): void {
  for (const [i, value] of here.entries())
    assert.ok(
      Math.abs(value - there[i]!) <= CLOSE * Math.max(1, Math.abs(value)),
      `${value} became ${there[i]}`,
    )
}

function checkDeclaration(
  { name, summary, reference, params }: RowDetector,
  rule: (sentence: string, run: () => void) => void,
): void {
  rule('says what it does and where it was published', () => {
    assert.match(name, /^[a-z][a-z0-9-]*$/)
    assert.match(summary, /\.$/)
    assert.match(reference, /\(\d{4}\)/)
  })
  rule('documents every parameter, with a default and a search range inside its bounds', () => {
    for (const [key, param] of Object.entries<Params[string]>(params)) {
      assert.ok(param.about.length > 10, `${key} is not documented`)
      const known =
        param.kind === 'choice'
          ? [param.default, ...(param.search ?? [])].every((choice) => param.choices.includes(choice))
          : [param.default, ...(param.search ?? [])].every((x) => x >= param.min && x <= param.max)
      assert.ok(known, `${key}: default or search range is out of bounds`)
    }
  })
}
