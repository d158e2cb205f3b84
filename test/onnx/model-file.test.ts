import assert from 'node:assert/strict'
import { test } from 'node:test'
import onnxProto from 'onnx-proto'
import { FiableError } from '../../src/data/errors.ts'
import { openOnnx } from '../../src/engines/onnx.ts'
import { createGraph } from '../../src/onnx/graph.ts'
import { modelFile, readMetadata } from '../../src/onnx/model-file.ts'
import { floats, floatsOf, longs, scalar, type Tensor } from '../../src/onnx/tensor.ts'

const { ModelProto } = (onnxProto as unknown as { onnx: typeof import('onnx-proto').onnx }).onnx

function weighted() {
  const graph = createGraph('weighted')
  const x = graph.input({ name: 'x', type: 'float32', dims: ['rows', 2] })
  const product = graph.node('MatMul', [x, graph.constant(floats([2, -3], [2, 1]))])
  graph.output(
    { name: 'y', type: 'float32', dims: ['rows'] },
    graph.node('Squeeze', [product, graph.constant(longs(1))]),
  )
  return graph
}

test('a graph is read back by the official protobuf schema as it was built', () => {
  const model = ModelProto.decode(modelFile(weighted(), { owner: 'Zoë', 'fiable.kind': 'test' }))
  assert.equal(Number(model.irVersion), 8)
  assert.deepEqual(
    model.opsetImport.map(({ domain, version }) => [domain, Number(version)]),
    [
      ['', 17],
      ['ai.onnx.ml', 3],
    ],
  )
  assert.deepEqual(
    model.graph!.node!.map(({ opType }) => opType),
    ['MatMul', 'Squeeze', 'Identity'],
  )
  const [shape] = model.graph!.input!.map(({ type }) => type!.tensorType!.shape!.dim!)
  assert.equal(shape![0]!.dimParam, 'rows')
  assert.equal(Number(shape![1]!.dimValue), 2)
  assert.deepEqual(
    model.metadataProps.map(({ key, value }) => [key, value]),
    [
      ['owner', 'Zoë'],
      ['fiable.kind', 'test'],
    ],
  )
})

test('attributes of every kind keep their values', () => {
  const graph = createGraph('attributes')
  graph.node('Made', [], {
    i: { integer: -7 },
    f: { float: 0.5 },
    s: { text: 'é' },
    is: { integers: [0, 127, 128, 300, 2 ** 40, -1] },
    fs: { floats: Float32Array.of(1.5, -2) },
    ss: { texts: ['', 'b'] },
  })
  const [node] = ModelProto.decode(modelFile(graph)).graph!.node!
  const [i, f, s, is, fs, ss] = node!.attribute!
  assert.equal(Number(i!.i), -7)
  assert.equal(f!.f, 0.5)
  assert.equal(Buffer.from(s!.s!).toString(), 'é')
  assert.deepEqual(is!.ints!.map(Number), [0, 127, 128, 300, 2 ** 40, -1])
  assert.deepEqual([...fs!.floats!], [1.5, -2])
  assert.deepEqual(
    ss!.strings!.map((text) => Buffer.from(text).toString()),
    ['', 'b'],
  )
  assert.deepEqual(
    node!.attribute!.map(({ type }) => type),
    [2, 1, 3, 7, 6, 8],
  )
})

test('ONNX Runtime runs what was built', async () => {
  const session = await openOnnx(modelFile(weighted()))
  const { y } = await session.run({ x: floats([1, 1, 0, 2, 5, 0], [3, 2]) })
  assert.deepEqual([...floatsOf(y)], [-1, -6, 10])
  await session.release()
})

test('a loop runs its body over values of the outer graph', async () => {
  const graph = createGraph('loop')
  const step = graph.input({ name: 'step', type: 'float32', dims: [] })
  const body = graph.body()
  body.innerInput({ type: 'int64', dims: [] })
  const condition = body.innerInput({ type: 'bool', dims: [] })
  const total = body.innerInput({ type: 'float32', dims: [] })
  body.innerOutput({ type: 'bool', dims: [] }, body.node('Identity', [condition]))
  body.innerOutput({ type: 'float32', dims: [] }, body.node('Add', [total, step]))
  const yes = graph.constant({ type: 'bool', dims: [], data: Uint8Array.of(1) })
  const zero = graph.constant(scalar('float32', 0))
  const sum = graph.node('Loop', [graph.constant(scalar('int64', 4)), yes, zero], { body: { graph: body } })
  graph.output({ name: 'sum', type: 'float32', dims: [] }, sum)
  const session = await openOnnx(modelFile(graph))
  assert.equal(floatsOf((await session.run({ step: scalar('float32', 2.5) })).sum)[0], 10)
  await session.release()
})

test('feeds are refused when a name, a type or a shape is not the declared one', async () => {
  const session = await openOnnx(modelFile(weighted()))
  const x = floats([1, 2], [1, 2])
  const refused: Record<string, Tensor>[] = [
    {},
    { x, z: x },
    { x: floats([1, 2], [2, 1]) },
    { x: floats([1, 2, 3], [1, 2]) },
    { x: { type: 'float64', dims: [1, 2], data: Float64Array.of(1, 2) } },
  ]
  for (const feeds of refused)
    await assert.rejects(session.run(feeds), (error) => (error as FiableError).code === 'BAD_ARGUMENT')
  await session.release()
})

test('a name that is taken or reserved is refused', () => {
  const graph = createGraph('names')
  graph.input({ name: 'score', type: 'float32', dims: [] })
  for (const name of ['score', 'fiable:0'])
    assert.throws(
      () => graph.output({ name, type: 'float32', dims: [] }, 'score'),
      (error) => error instanceof FiableError && error.code === 'BAD_ARGUMENT',
    )
})

test('metadata is read without the graph', () => {
  const bytes = modelFile(weighted(), { name: 'orders', empty: '' })
  assert.deepEqual(
    [...readMetadata(bytes)],
    [
      ['name', 'orders'],
      ['empty', ''],
    ],
  )
})

test('damaged and foreign files are refused', async () => {
  const bytes = modelFile(weighted(), { name: 'orders' })
  const damaged = [bytes.subarray(0, bytes.length - 3), new TextEncoder().encode('PK\u0003\u0004 no model')]
  for (const file of damaged)
    assert.throws(
      () => readMetadata(file),
      (error) => error instanceof FiableError && error.code === 'MALFORMED_FILE',
    )
  await assert.rejects(openOnnx(damaged[0]!), (error) => (error as FiableError).code === 'MALFORMED_FILE')
})
