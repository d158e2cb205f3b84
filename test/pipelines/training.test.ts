import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, test } from 'node:test'
import { sliceSample } from '../../src/detectors/rows/take-sample.ts'
import { trainRowModel } from '../../src/detectors/rows/train-row-model.ts'
import { openEngine } from '../../src/engines/duckdb.ts'
import { openOnnx } from '../../src/engines/onnx.ts'
import { open } from '../../src/monitor/project.ts'
import { deployPipeline } from '../../src/pipelines/built-in-pipelines.ts'
import { runPipeline } from '../../src/pipelines/run-pipeline.ts'
import { trainingPipeline } from '../../src/pipelines/train-pipeline.ts'
import { readSample } from '../../src/profile/sample-file.ts'
import { checkExample, type ExampleRequest } from '../../src/row-models/example-request.ts'
import { modelInService } from '../../src/row-models/model-of-dataset.ts'
import { stackSamples } from '../../src/row-models/stack-samples.ts'
import { listBatches } from '../../src/tracking/batches.ts'
import { listExecutions } from '../../src/tracking/executions.ts'
import { digestOf } from '../../src/tracking/named-files.ts'
import { setAlias, versionOf } from '../../src/tracking/registry.ts'
import { writeOrders } from '../orders.ts'
import { runFiable } from '../run-fiable.ts'
import { s3Server } from '../s3-server.ts'
import { tempFolder } from '../temp-folder.ts'
import { localRunner } from './runner.ts'

const folder = tempFolder()
const store = path.join(folder, 'store')
const DAYS = 6
const settings = { autoencoder: { steps: 600, width: 32 }, 'isolation-forest': { trees: 30 } }
const parameters = { store, dataset: 'orders', settings }
const shape = { name: 'train', about: 'Trains.', rounds: 3 }

before(async () => {
  await writeOrders(path.join(folder, 'data'), DAYS)
  const project = await open({ store })
  await (await project.dataset('orders', { data: path.join(folder, 'data', '*.csv') })).check()
  await project.close()
})

test('the pipeline gives the very file that training in one process gives', async (t) => {
  const runner = await localRunner(t, { folder: store })
  const { state, error } = await runPipeline(trainingPipeline({ ...shape, shards: 1 }).graph, {
    ...runner,
    parameters,
  })
  assert.equal(state, 'COMPLETE', error ?? '')
  const version = await versionOf(runner.store.db, 'orders-rows')
  const engine = await openEngine({ threads: 1 })
  t.after(() => engine.close())
  const batches = await listBatches(runner.store.db, version.datasetId)
  const samples = []
  for (const { sampleDigest } of batches)
    samples.push(await readSample(engine, runner.store.artifacts.pathOf(sampleDigest)))
  const learnt = batches.filter(({ slot }) => slot <= version.lastSlot)
  const reference = sliceSample(
    stackSamples(samples),
    0,
    samples.slice(0, learnt.length).reduce((sum, { rows }) => sum + rows, 0),
  )
  const { file } = await trainRowModel(reference, {
    ...{ name: 'orders-rows', version: '0.1.0', seed: '1', settings, openSession: openOnnx },
  })
  assert.equal(version.uri, `artifact:${digestOf(file)}`)
})

test('a training in three shards is as good, and every step of it is told once', async (t) => {
  const runner = await localRunner(t, { folder: store })
  const own = await versionOf(runner.store.db, 'orders-rows')
  const { state, error, runId, outputs } = await runPipeline(
    trainingPipeline({ ...shape, shards: 3 }).graph,
    {
      ...runner,
      parameters,
    },
  )
  assert.equal(state, 'COMPLETE', error ?? '')
  const executions = await listExecutions(runner.store.db, runId)
  const paths = executions.map(({ path: step }) => step)
  for (const step of ['forests/2/train-forest', 'merge-forests', 'round-3/2/train-round-3', 'average-3'])
    assert.ok(paths.includes(step), step)
  const merged = executions.find(({ path: step }) => step === 'merge-forests')!
  assert.equal(merged.outputs!.parameters.trees, 30)
  const sharded = await versionOf(runner.store.db, 'orders-rows')
  assert.equal(sharded.version, own.version + 1)
  assert.ok(
    Math.abs(sharded.metrics.auroc! - own.metrics.auroc!) < 0.02,
    `${sharded.metrics.auroc} ${own.metrics.auroc}`,
  )
  assert.equal(sharded.metrics.championAuroc, own.metrics.auroc, 'both on the same rows')
  const isBetter = outputs.isBetter as { readonly kind: 'parameter'; readonly value: boolean }
  assert.deepEqual(isBetter, { kind: 'parameter', value: sharded.metrics.p! <= 0.05 })
  const champion = await modelInService(runner.store, own.datasetId)
  assert.equal(champion!.version, isBetter.value ? sharded.version : own.version)
  t.diagnostic(`AUROC ${own.metrics.auroc}, in shards ${sharded.metrics.auroc}, p = ${sharded.metrics.p}`)
})

test('what is deployed for the monitor judges its rows, whichever is the champion', async (t) => {
  const runner = await localRunner(t, { folder: store })
  const deployed = { store, name: 'orders-rows', version: 2 }
  const { outputs, error } = await runPipeline(deployPipeline.graph, { ...runner, parameters: deployed })
  assert.deepEqual(outputs.version, { kind: 'parameter', value: 2 }, error ?? '')
  const version = await versionOf(runner.store.db, 'orders-rows', '2')
  assert.ok(version.aliases.includes('production'))
  await setAlias(runner.store.db, { name: 'orders-rows', alias: 'champion', version: 1, nowMs: 1 })
  assert.equal((await modelInService(runner.store, version.datasetId))!.version, 2)
})

test('a folder for model servers holds the model, what it is, and an example that it answers', async (t) => {
  const place = tempFolder(t)
  const { code, stdout, stderr } = await runFiable(
    ['deploy', 'orders-rows@1', '--to', place, '--store', store],
    folder,
  )
  assert.equal(code, 0, stderr)
  assert.match(stdout, /16 rows scored there, at most 0 nats/)
  const own = path.join(place, 'orders-rows')
  assert.deepEqual(readdirSync(own).sort(), ['1', 'config.pbtxt'])
  assert.deepEqual(readdirSync(path.join(own, '1')).sort(), ['example.json', 'metadata.json', 'model.onnx'])
  const model = readFileSync(path.join(own, '1', 'model.onnx'))
  const told = JSON.parse(readFileSync(path.join(own, '1', 'metadata.json'), 'utf8')) as {
    readonly sha256: string
    readonly inputs: readonly object[]
  }
  assert.equal(told.sha256, digestOf(model))
  assert.deepEqual(told.inputs[0], { name: 'quantity', datatype: 'FP64', shape: [-1] })
  const config = readFileSync(path.join(own, 'config.pbtxt'), 'utf8')
  assert.match(config, /name: "orders-rows"[\s\S]*name: "quantity", data_type: TYPE_FP64, dims: \[-1\]/)
  const example = JSON.parse(readFileSync(path.join(own, '1', 'example.json'), 'utf8')) as ExampleRequest
  assert.deepEqual(await checkExample(model, example, openOnnx), { rows: 16, maxDifference: 0 })
})

test('a deployment never takes the place of another model, and a damaged file is not put into service', async (t) => {
  const runner = await localRunner(t, { folder: store })
  const place = tempFolder(t)
  mkdirSync(path.join(place, 'orders-rows', '1'), { recursive: true })
  writeFileSync(path.join(place, 'orders-rows', '1', 'model.onnx'), 'of somebody else')
  const deployed = (more: object) =>
    runPipeline(deployPipeline.graph, {
      ...runner,
      parameters: { store, name: 'orders-rows', version: 1, ...more },
    })
  assert.match((await deployed({ to: place })).error!, /is another model than orders-rows@1/)
  assert.match((await deployed({ name: 'nothing' })).error!, /There is no model nothing@1/)
  const { db, artifacts } = runner.store
  const { uri, signature } = await versionOf(db, 'orders-rows', '1')
  const kept = artifacts.pathOf((signature as { readonly example: string }).example)
  const whole = readFileSync(kept, 'utf8')
  const example = JSON.parse(whole) as ExampleRequest
  const scores = example.response.outputs[0]!.data.map((score) => Number(score) + 0.001)
  const other = { ...example, response: { outputs: [{ ...example.response.outputs[0]!, data: scores }] } }
  writeFileSync(kept, JSON.stringify(other))
  await setAlias(db, { name: 'orders-rows', alias: 'production', version: 2, nowMs: 1 })
  const elsewhere = tempFolder(t)
  assert.match((await deployed({ to: elsewhere })).error!, /its scores differ by up to 0\.00/)
  assert.deepEqual(readdirSync(path.join(elsewhere, 'orders-rows', '1')).includes('model.onnx'), false)
  writeFileSync(kept, whole)
  const file = artifacts.pathOf(uri.replace('artifact:', ''))
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.subarray(0, 1000))
  assert.match((await deployed({})).error!, /was not deployed: the file there has the digest/)
  writeFileSync(file, bytes)
  assert.equal((await versionOf(db, 'orders-rows', 'production')).version, 2)
})

test('a model is deployed to a bucket, and read from there for its test', async (t) => {
  const runner = await localRunner(t, { folder: store })
  const to = await s3Server(t)
  const result = await runPipeline(deployPipeline.graph, {
    ...runner,
    parameters: { store, name: 'orders-rows', version: 1, to },
  })
  assert.equal(result.state, 'COMPLETE', result.error ?? '')
  assert.deepEqual(result.outputs.uri, {
    kind: 'parameter',
    value: 's3://artifacts/fiable/orders-rows/1/model.onnx',
  })
})
