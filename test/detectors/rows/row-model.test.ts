import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { FiableError } from '../../../src/data/errors.ts'
import type { RowSample } from '../../../src/data/profile.ts'
import { openRowModel, type RowModel } from '../../../src/detectors/rows/row-model.ts'
import {
  type RowModelOptions,
  type TrainedRowModel,
  trainRowModel,
} from '../../../src/detectors/rows/train-row-model.ts'
import { openOnnx } from '../../../src/engines/onnx.ts'
import { createGraph } from '../../../src/onnx/graph.ts'
import { modelFile } from '../../../src/onnx/model-file.ts'
import { scalar } from '../../../src/onnx/tensor.ts'
import { columnOf, mixedTable, sampleFrom } from './mixed-table.ts'

const options: RowModelOptions = {
  name: 'mixed',
  version: '0.1.0',
  seed: 'test',
  openSession: openOnnx,
  settings: {
    'isolation-forest': { trees: 30 },
    'nearest-neighbours': { perBag: 64 },
    autoencoder: { width: 32, steps: 600 },
  },
}

const train = (sample: RowSample, more: Partial<RowModelOptions> = {}): Promise<TrainedRowModel> =>
  trainRowModel(sample, { ...options, ...more })

async function withModel<T>(file: Uint8Array, use: (model: RowModel) => Promise<T>): Promise<T> {
  const model = await openRowModel(file, openOnnx)
  try {
    return await use(model)
  } finally {
    await model.release()
  }
}

const trained = await train(mixedTable(1500))

/** A batch with one cell of each row replaced. */
function withCells(
  sample: RowSample,
  name: string,
  cell: (row: number) => number | string | null,
): RowSample {
  return {
    ...sample,
    columns: sample.columns.map((column) =>
      column.column.name === name
        ? columnOf(
            name,
            column.column.type,
            Array.from({ length: sample.rows }, (_, row) => cell(row)),
          )
        : column,
    ),
  }
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

test('scores of clean rows not learnt from are surprises: about 1 % of them are above 4.6 nats', async () => {
  const { score } = await withModel(trained.file, (model) => model.score(mixedTable(4000, 'later')))
  const above = score.filter((value) => value > -Math.log(0.01)).length / score.length
  assert.ok(above > 0.002 && above < 0.035, `${above}`)
  assert.ok(Math.abs(mean(score) - 1) < 0.35, `${mean(score)}`)
})

test('rows with a bad cell score higher, name the column, and tell what was expected', async () => {
  const clean = mixedTable(200, 'later')
  const spoiled = withCells(clean, 'price', () => 450)
  await withModel(trained.file, async (model) => {
    const before = await model.score(clean)
    const after = await model.expect(spoiled)
    assert.ok(mean(after.score) > mean(before.score) + 4)
    const names = model.metadata.columns.map(({ name }) => name)
    const price = names.indexOf('price')
    let first = 0
    for (let row = 0; row < 200; row++) {
      const own = after.columns.subarray(row * names.length, (row + 1) * names.length)
      if (own.indexOf(Math.max(...own)) === price) first++
      assert.ok(Math.abs(after.numbers[row * names.length + price]! - 100) < 130)
    }
    assert.ok(first >= 190, `${first}`)
    assert.equal(after.similar.length, 200 * 8)
    assert.ok(after.similar.every((place) => place >= 0 && place < trained.kept!.rows))
  })
})

test('a never-seen category and a broken pair score higher', async () => {
  const clean = mixedTable(300, 'later')
  const cities = clean.columns.find(({ column }) => column.name === 'city')!
  const isBrest = (row: number): boolean => cities.values[cities.codes[row]! - 1] === 'Brest'
  await withModel(trained.file, async (model) => {
    const before = mean((await model.score(clean)).score)
    const unseen = await model.score(withCells(clean, 'city', () => 'Atlantis'))
    assert.ok(mean(unseen.score) > before + 2)
    const broken = await model.score(withCells(clean, 'currency', (row) => (isBrest(row) ? 'EUR' : 'CHF')))
    assert.ok(mean(broken.score) > before + 2)
  })
})

test('the same seed gives the same bytes, another one gives others', async () => {
  const sha = ({ file }: TrainedRowModel): string => createHash('sha256').update(file).digest('hex')
  assert.equal(sha(await train(mixedTable(1500))), sha(trained))
  assert.notEqual(sha(await train(mixedTable(1500), { seed: 'other' })), sha(trained))
})

test('a model says of itself what registries ask for', async () => {
  const { metadata } = trained
  assert.deepEqual(metadata.training_framework, { name: 'fiable', version: '0.1.0' })
  assert.deepEqual(metadata.members, [
    'isolation-forest',
    'nearest-neighbours',
    'frequency-surprise',
    'autoencoder',
  ])
  assert.equal(metadata.hyperparameters['isolation-forest']!.trees, 30)
  assert.equal(metadata.hyperparameters['isolation-forest']!.subsample, 1024)
  assert.ok(metadata.learningCurve.length >= 1)
  await withModel(trained.file, async (model) => assert.deepEqual(model.metadata, metadata))
})

test('each member can be trained alone', async () => {
  for (const member of trained.metadata.members) {
    const settings = { [member]: options.settings![member] ?? {} }
    const { file } = await train(mixedTable(400), { members: [member], settings })
    const { score } = await withModel(file, (model) => model.score(mixedTable(50, 'later')))
    assert.ok(score.every(Number.isFinite), member)
  }
})

test('training goes on from a checkpoint to the same bytes', async () => {
  const stop = new AbortController()
  let saved: Parameters<NonNullable<RowModelOptions['onCheckpoint']>>[0] | undefined
  const interrupted = train(mixedTable(1500), {
    signal: stop.signal,
    onCheckpoint: async (checkpoint) => {
      saved = structuredClone(checkpoint)
      stop.abort()
    },
  })
  await assert.rejects(interrupted, (error) => (error as FiableError).code === 'CANCELLED')
  assert.equal(saved!.runs, 1)
  const resumed = await train(mixedTable(1500), { resume: saved! })
  assert.deepEqual(Buffer.from(resumed.file), Buffer.from(trained.file))
})

const odd: Readonly<Record<string, RowSample>> = {
  'constant columns': sampleFrom(
    columnOf('one', 'DOUBLE', Array(150).fill(1)),
    columnOf('zero', 'DOUBLE', Array(150).fill(0)),
    columnOf('word', 'VARCHAR', Array(150).fill('same')),
  ),
  'a column without values': sampleFrom(
    columnOf('none', 'DOUBLE', Array(150).fill(null)),
    columnOf(
      'x',
      'DOUBLE',
      Array.from({ length: 150 }, (_, i) => Math.sin(i)),
    ),
  ),
  'a thousand categories': sampleFrom(
    columnOf(
      'c',
      'VARCHAR',
      Array.from({ length: 6000 }, (_, i) => `category ${(i * i) % 1000}`),
    ),
    columnOf(
      'x',
      'DOUBLE',
      Array.from({ length: 6000 }, (_, i) => Math.sin(i)),
    ),
  ),
  'names of outputs and inner tensors': sampleFrom(
    ...['score', 'member_scores', 'fiable:0', '', 'column score', 'rows'].map((name, c) =>
      columnOf(
        name,
        'DOUBLE',
        Array.from({ length: 150 }, (_, i) => Math.sin(i * (c + 1))),
      ),
    ),
  ),
  'NaN and infinity': sampleFrom(
    columnOf(
      'x',
      'DOUBLE',
      Array.from({ length: 150 }, (_, i) => [Number.NaN, Infinity, -Infinity, i + 0.5, -i][i % 5]!),
    ),
    columnOf(
      'y',
      'DOUBLE',
      Array.from({ length: 150 }, (_, i) => 1e300 * Math.sin(i)),
    ),
  ),
}

for (const [what, sample] of Object.entries(odd))
  test(`${what} give finite scores`, async () => {
    const { file } = await train(sample)
    const { score, members, columns } = await withModel(file, (model) => model.score(sample))
    for (const values of [score, members, columns]) assert.ok(values.every(Number.isFinite))
    assert.equal(score.length, sample.rows)
  })

test('a single row, no row, and a row with nothing in it are scored', async () => {
  await withModel(trained.file, async (model) => {
    assert.equal((await model.score(mixedTable(1))).score.length, 1)
    assert.equal((await model.score(mixedTable(0))).score.length, 0)
    const nothing = sampleFrom(
      ...mixedTable(1).columns.map(({ column }) => columnOf(column.name, column.type, [null])),
    )
    const { score } = await model.score(nothing)
    assert.ok(score[0]! > 4.6 && Number.isFinite(score[0]!))
  })
})

test('five thousand columns are learnt and scored', { timeout: 120_000 }, async () => {
  const wide = sampleFrom(
    ...Array.from({ length: 5000 }, (_, c) =>
      columnOf(
        `c${c}`,
        'DOUBLE',
        Array.from({ length: 120 }, (_, i) => Math.sin(i * (c + 1))),
      ),
    ),
  )
  const { file } = await train(wide, {
    members: ['isolation-forest', 'frequency-surprise'],
    settings: { 'isolation-forest': { trees: 10 } },
  })
  const { score } = await withModel(file, (model) => model.score(wide))
  assert.ok(score.every(Number.isFinite))
})

test('renamed, missing and retyped columns are refused by name; others and another order are not', async () => {
  const batch = mixedTable(20, 'later')
  const renamed = {
    ...batch,
    columns: batch.columns.map((column) =>
      column.column.name === 'price' ? { ...column, column: { ...column.column, name: 'Price' } } : column,
    ),
  }
  await withModel(trained.file, async (model) => {
    for (const sample of [renamed, withRetyped(batch)])
      await assert.rejects(
        model.score(sample),
        (error) =>
          error instanceof FiableError && error.code === 'BAD_SCHEMA' && /"price"/.test(error.message),
      )
    const extra = sampleFrom(...[...batch.columns].reverse(), columnOf('new', 'DOUBLE', Array(20).fill(1)))
    assert.deepEqual((await model.score(extra)).score, (await model.score(batch)).score)
  })
})

const withRetyped = (batch: RowSample): RowSample => ({
  ...batch,
  columns: batch.columns.map((column) =>
    column.column.name === 'price' ? columnOf('price', 'VARCHAR', Array(20).fill('1,5')) : column,
  ),
})

test('damaged and foreign files are refused', async () => {
  const graph = createGraph('foreign')
  graph.output({ name: 'y', type: 'float32', dims: [] }, graph.constant(scalar('float32', 1)))
  const refused: [Uint8Array, string][] = [
    [trained.file.subarray(0, trained.file.length >> 1), 'MALFORMED_FILE'],
    [new TextEncoder().encode('not a model'), 'MALFORMED_FILE'],
    [modelFile(graph), 'UNSUPPORTED_FORMAT'],
    [modelFile(graph, { 'fiable.row-model': '{"format":99}' }), 'UNSUPPORTED_FORMAT'],
  ]
  for (const [file, code] of refused)
    await assert.rejects(openRowModel(file, openOnnx), (error) => (error as FiableError).code === code)
})

test('fewer than a hundred rows are refused', async () => {
  await assert.rejects(train(mixedTable(99)), (error) => (error as FiableError).code === 'TOO_FEW_ROWS')
})

test('unknown members, unknown settings and settings out of range are refused', async () => {
  for (const more of [
    { members: ['oracle'] },
    { members: [] },
    { settings: { oracle: {} } },
    { settings: { 'isolation-forest': { trees: 0 } } },
    { settings: { 'isolation-forest': { leaves: 3 } } },
  ])
    await assert.rejects(
      train(mixedTable(150), more),
      (error) => (error as FiableError).code === 'BAD_ARGUMENT',
    )
})
