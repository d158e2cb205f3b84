import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FiableError } from '../../../src/data/errors.ts'
import type { RowSample } from '../../../src/data/profile.ts'
import {
  encodeRows,
  encodingOf,
  feedsOf,
  fitTransformer,
  graphTransformer,
  type Transformer,
} from '../../../src/detectors/rows/transformer.ts'
import { openOnnx } from '../../../src/engines/onnx.ts'
import { createGraph } from '../../../src/onnx/graph.ts'
import { modelFile } from '../../../src/onnx/model-file.ts'
import { floatsOf } from '../../../src/onnx/tensor.ts'
import { columnOf, mixedTable, sampleFrom } from './mixed-table.ts'

/** What the graph of a transformer makes of rows. */
async function throughGraph(transformer: Transformer, sample: RowSample) {
  const graph = createGraph('transformer')
  const { features, codes } = graphTransformer(graph, transformer)
  graph.output({ name: 'features', type: 'float32', dims: ['rows', 'width'] }, features)
  graph.output({ name: 'codes', type: 'int64', dims: ['rows', 'columns'] }, codes)
  const session = await openOnnx(modelFile(graph))
  const outputs = await session.run(feedsOf(transformer.columns, sample))
  await session.release()
  return {
    features: floatsOf(outputs.features),
    codes: Array.from(outputs.codes!.data as BigInt64Array, Number),
  }
}

async function assertSameInGraph(transformer: Transformer, sample: RowSample): Promise<void> {
  const here = encodeRows(transformer, sample)
  const there = await throughGraph(transformer, sample)
  assert.deepEqual(there.codes, [...here.codes])
  assert.equal(there.features.length, here.features.length)
  const { columnOf: columns } = encodingOf(transformer)
  for (const [i, value] of here.features.entries()) {
    const other = there.features[i]!
    const where = transformer.columns[columns[i % here.width]!]!.name
    if (Number.isNaN(value)) assert.ok(Number.isNaN(other), `${where}: ${value} became ${other}`)
    else
      assert.ok(
        Math.abs(value - other) <= 1e-6 * Math.max(1, Math.abs(value)),
        `${where}: ${value} became ${other}`,
      )
  }
}

test('each column is taken for what it holds, and numbers of the rows are left out', () => {
  const { columns, leftOut } = fitTransformer(mixedTable(400))
  assert.deepEqual(
    columns.map(({ name, kind }) => [name, kind]),
    [
      ['size', 'numeric'],
      ['price', 'numeric'],
      ['count', 'numeric'],
      ['city', 'categorical'],
      ['currency', 'categorical'],
      ['is paid', 'categorical'],
      ['mail', 'text'],
      ['score', 'time'],
    ],
  )
  assert.deepEqual(leftOut, [{ name: 'order id', reason: 'numbers the rows' }])
})

test('the graph gives the same numbers, for rows of the reference and for others', async () => {
  const transformer = fitTransformer(mixedTable(400))
  await assertSameInGraph(transformer, mixedTable(400))
  await assertSameInGraph(transformer, mixedTable(300, 'another day'))
})

test('the graph gives the same numbers for odd cells', async () => {
  const reference = mixedTable(400)
  const transformer = fitTransformer(reference)
  const odd = sampleFrom(
    columnOf('size', 'DOUBLE', [Number.NaN, Infinity, -Infinity, null, 1e300, -0]),
    columnOf('price', 'DOUBLE', [1e-300, null, null, 0, 1, 100]),
    columnOf('count', 'INTEGER', [99, -1, 0, 1, null, 2]),
    columnOf('city', 'VARCHAR', ['', 'Pâris', 'Tōkyō', null, 'Lyon', 'x'.repeat(5000)]),
    columnOf('currency', 'VARCHAR', ['EUR', 'USD', '€', 'eur', ' EUR', null]),
    columnOf('is paid', 'BOOLEAN', [0, 1, null, 0, 1, 0]),
    columnOf('mail', 'VARCHAR', ['', 'é@ü.😀', null, 'A  B\tC\u0000D', 'x'.repeat(200), 'user1@example.com']),
    columnOf('score', 'TIMESTAMP', [0, -1, null, 8.64e15, Infinity, Date.UTC(1969, 5, 1, 23)]),
  )
  await assertSameInGraph(transformer, odd)
})

test('what is missing, what was never seen and what is known have codes of their own', () => {
  const reference = sampleFrom(
    columnOf('x', 'DOUBLE', [...Array(120).keys()]),
    columnOf(
      'c',
      'VARCHAR',
      Array.from({ length: 120 }, (_, i) => (i < 80 ? 'often' : 'seldom')),
    ),
  )
  const transformer = fitTransformer({
    ...reference,
    columns: [
      columnOf(
        'x',
        'DOUBLE',
        Array.from({ length: 120 }, (_, i) => i + 0.5),
      ),
      reference.columns[1]!,
    ],
  })
  const { codes } = encodeRows(
    transformer,
    sampleFrom(
      columnOf('x', 'DOUBLE', [null, 1000, 0.5]),
      columnOf('c', 'VARCHAR', [null, 'never', 'often']),
    ),
  )
  assert.deepEqual([...codes], [0, 0, 1, 1, 2, 2])
})

test('a transformer survives JSON', () => {
  const transformer = fitTransformer(mixedTable(300))
  const loaded = JSON.parse(JSON.stringify(transformer)) as Transformer
  const batch = mixedTable(100, 'later')
  assert.deepEqual(encodeRows(loaded, batch), encodeRows(transformer, batch))
})

test('columns may come in another order, and others may be added', () => {
  const transformer = fitTransformer(mixedTable(300))
  const batch = mixedTable(100, 'later')
  const shuffled = { ...batch, columns: [...batch.columns].reverse() }
  assert.deepEqual(encodeRows(transformer, shuffled), encodeRows(transformer, batch))
})

test('a missing column, and one of another type, are refused by name', () => {
  const transformer = fitTransformer(mixedTable(300))
  const batch = mixedTable(60, 'later')
  const without = { ...batch, columns: batch.columns.filter(({ column }) => column.name !== 'price') }
  const retyped = {
    ...batch,
    columns: batch.columns.map((column) =>
      column.column.name === 'price' ? columnOf('price', 'VARCHAR', Array(60).fill('1,5')) : column,
    ),
  }
  for (const sample of [without, retyped])
    assert.throws(
      () => encodeRows(transformer, sample),
      (error) => error instanceof FiableError && error.code === 'BAD_SCHEMA' && /"price"/.test(error.message),
    )
})

test('few rows, no telling column and too many columns are refused', () => {
  const ids = sampleFrom(
    columnOf('id', 'BIGINT', [...Array(120).keys()]),
    columnOf('e', 'DOUBLE', Array(120).fill(null)),
  )
  const wide = sampleFrom(
    ...Array.from({ length: 5001 }, (_, i) => columnOf(`c${i}`, 'DOUBLE', Array(120).fill(i))),
  )
  for (const [sample, code] of [
    [mixedTable(49), 'TOO_FEW_ROWS'],
    [ids, 'BAD_SCHEMA'],
    [wide, 'TOO_MANY_COLUMNS'],
  ] as const)
    assert.throws(
      () => fitTransformer(sample),
      (error) => error instanceof FiableError && error.code === code,
    )
})
