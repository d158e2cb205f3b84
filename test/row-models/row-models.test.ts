import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import type { FiableError } from '../../src/data/errors.ts'
import { openEngine } from '../../src/engines/duckdb.ts'
import { openOnnx } from '../../src/engines/onnx.ts'
import { open } from '../../src/monitor/project.ts'
import type { RunEvent } from '../../src/pipelines/drive-run.ts'
import type { TrainingRequest } from '../../src/pipelines/train-dataset.ts'
import type { ExplainContext } from '../../src/row-models/explain-batch.ts'
import { explainBatch } from '../../src/row-models/explain-batch.ts'
import { loadModel, modelInService } from '../../src/row-models/model-of-dataset.ts'
import { listBatches } from '../../src/tracking/batches.ts'
import { listExecutions } from '../../src/tracking/executions.ts'
import { lineageOf, lineageOfAlert } from '../../src/tracking/lineage.ts'
import { listModelVersions } from '../../src/tracking/models.ts'
import { listRuns } from '../../src/tracking/runs.ts'
import { type Order, writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'
import { trainIn } from './train-orders.ts'

const folder = tempFolder()
const DAYS = 12
const SPOILT_DAY = 16
const request = {
  settings: { autoencoder: { steps: 600, width: 32 }, 'isolation-forest': { trees: 30 } },
  owner: 'Ada',
  labels: { stage: 'test' },
}

/** Of so many batches, the newest that are kept for the test. */
const TESTED = 3

const train = async ({ store, dataset }: ExplainContext, wanted: TrainingRequest) =>
  (await trainIn(store, dataset, wanted)).version

/** Every tenth order has a total that is not its quantity × price. */
const spoil = (rows: Order[], day: number): Order[] =>
  day === SPOILT_DAY ? rows.map((row, i) => (i % 10 === 0 ? { ...row, total: '4321.00' } : row)) : rows

async function withOrders<T>(
  use: (context: ExplainContext, check: (days: number) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const project = await open({ store: path.join(folder, 'store') })
  const engine = await openEngine({ threads: 1 })
  try {
    const dataset = await project.dataset('orders', { data: path.join(folder, 'data', '*.csv') })
    const check = async (days: number): Promise<unknown> => {
      await writeOrders(path.join(folder, 'data'), days, spoil)
      return dataset.check()
    }
    const context = {
      store: project.store,
      engine,
      openSession: openOnnx,
      dataset,
    }
    return await use(context, check)
  } finally {
    engine.close()
    await project.close()
  }
}

test('without a judged batch there is nothing to learn from, and without a model nothing to explain', async () => {
  await withOrders(async (context, check) => {
    await assert.rejects(
      train(context, request),
      (error) => (error as FiableError).code === 'TOO_FEW_BATCHES',
    )
    await check(DAYS)
    await assert.rejects(explainBatch(context), (error) => (error as FiableError).code === 'NOT_FOUND')
  })
})

test('a trained model is registered with what registries ask for, version after version', async () => {
  await withOrders(async (context) => {
    const first = await train(context, request)
    assert.equal(first.name, 'orders-rows')
    assert.equal(first.version, 1)
    assert.equal(first.owner, 'Ada')
    assert.deepEqual(first.labels, { stage: 'test' })
    assert.deepEqual(first.trainingFramework, { name: 'fiable', version: '0.1.0' })
    assert.equal(first.lastSlot, DAYS - TESTED, 'the newest batches are for the test')
    assert.deepEqual(first.aliases, ['challenger', 'champion'])
    const second = await train(context, { ...request, members: ['isolation-forest'], settings: {} })
    assert.equal(second.version, 2)
    assert.equal(second.modelType, 'isolation-forest')
    assert.deepEqual(second.aliases, ['challenger'], 'one member alone is no better than four')
    const again = await train(context, request)
    assert.equal(again.version, 1, 'the same batches and seed give the same file, which is registered')
    const known = await listModelVersions(context.store.db)
    assert.deepEqual(
      known.map(({ version }) => version),
      [2, 1],
    )
  })
})

test('from a model one walks to the batches, parameters and code it was made of', async () => {
  await withOrders(async ({ store, dataset }) => {
    const version = (await modelInService(store, dataset.id))!
    const { artifacts, executions } = await lineageOf(store.db, [version.artifactId!], { direction: 'back' })
    assert.ok(executions.some(({ id }) => id === version.executionId))
    const prepared = executions.find(({ component }) => component === 'prepare')!
    assert.equal(prepared.parameters.dataset, 'orders')
    assert.match(prepared.codeVersion, /^fiable@/)
    const learnt = artifacts.find(({ name }) => name === 'learnt')!.metadata as {
      readonly batches: readonly { readonly key: string; readonly sampleDigest: string }[]
    }
    const batches = await listBatches(store.db, dataset.id)
    assert.deepEqual(
      learnt.batches.map(({ key, sampleDigest }) => [key, sampleDigest]),
      batches.slice(0, DAYS - TESTED).map(({ listing, sampleDigest }) => [listing.key, sampleDigest]),
    )
  })
})

test('a stopped training goes on with what is complete when the same is asked for', async () => {
  await withOrders(async (context) => {
    const { store, dataset } = context
    const stop = new AbortController()
    const stopped = { ...request, seed: 'stopped' }
    const onEvent = ({ path: step, state }: RunEvent): void => {
      if (step === 'train-forest' && state === 'COMPLETE') stop.abort()
    }
    await assert.rejects(trainIn(store, dataset, stopped, { onEvent, signal: stop.signal }), {
      code: 'CANCELLED',
    })
    const seen: RunEvent[] = []
    const { runId } = await trainIn(store, dataset, stopped, { onEvent: (event) => seen.push(event) })
    assert.ok(
      seen.length > 0 && seen.every(({ path: step }) => step !== 'train-forest' && step !== 'prepare'),
    )
    const executions = await listExecutions(store.db, runId)
    assert.equal(executions.filter(({ path: step }) => step === 'prepare').length, 1)
  })
})

test('a setting out of range and a member that is none are refused before anything runs', async () => {
  await withOrders(async ({ store, dataset }) => {
    const runs = (await listRuns(store.db)).length
    const refused = (wrong: TrainingRequest) =>
      assert.rejects(trainIn(store, dataset, wrong), { code: 'BAD_ARGUMENT' })
    await refused({ members: ['oracle'] })
    await refused({ settings: { autoencoder: { steps: 1 } } })
    await refused({ shards: 0 })
    assert.equal((await listRuns(store.db)).length, runs)
  })
})

test('scores of batches after the training are charted, and those of batches learnt from are not', async () => {
  await withOrders(async (context, check) => {
    await check(SPOILT_DAY)
    const project = await open({ store: path.join(folder, 'store') })
    const [dataset] = await project.datasets()
    const series = await dataset!.series()
    await project.close()
    const odd = series.find(({ metric }) => metric.name === 'autoencoderOddFraction')!
    assert.equal(odd.metric.dimension, 'consistency')
    assert.deepEqual(
      odd.points.map(({ batch }) => batch),
      [13, 14, 15, 16].map((day) => `orders-2024-03-${day}.csv`),
    )
    const values = odd.points.map(({ value }) => value)
    assert.ok(
      values.slice(0, 3).every((value) => value < 0.04),
      `${values}`,
    )
    assert.ok(values[3]! > 0.08, `${values}`)
    const forest = series.find(({ metric }) => metric.name === 'isolationForestMedian')!
    assert.equal(forest.metric.dimension, 'integrity')
    const { rowModel } = await lineageOfAlert(context.store.db, 'orders', `orders-2024-03-${SPOILT_DAY}.csv`)
    const version = await modelInService(context.store, context.dataset.id)
    assert.deepEqual(rowModel, {
      name: 'orders-rows',
      version: version!.version,
      digest: version!.uri.replace('artifact:', ''),
      executionId: version!.executionId,
    })
    const first = await lineageOfAlert(context.store.db, 'orders', 'orders-2024-03-01.csv')
    assert.equal(first.rowModel, null)
  })
})

test('the oddest rows of a batch come with the cell at fault, what was expected, and rows alike', async () => {
  await withOrders(async (context) => {
    const explanation = await explainBatch(context, { rows: 20 })
    assert.equal(explanation.batch, `orders-2024-03-${SPOILT_DAY}.csv`)
    assert.equal(explanation.isInSample, false)
    assert.ok(explanation.oddFraction > 0.09)
    const total = explanation.columns.indexOf('total')
    assert.ok(explanation.oddest.every(({ cells }) => cells[total] === '4321'))
    for (const { suspects, similar } of explanation.oddest) {
      assert.equal(suspects[0]!.column, 'total')
      assert.equal(suspects[0]!.value, '4321')
      assert.ok(Number(suspects[0]!.expected) < 700)
      assert.ok(similar.length >= 1 && similar[0]!.length === explanation.columns.length)
    }
    const earlier = await explainBatch(context, { batch: 'orders-2024-03-02.csv', rows: 1 })
    assert.equal(earlier.isInSample, true)
    await assert.rejects(
      explainBatch(context, { batch: 'orders-1999.csv' }),
      (error) => (error as FiableError).code === 'NOT_FOUND',
    )
  })
})

test('the model in service is the one that was trained', async () => {
  await withOrders(async ({ store, dataset }) => {
    const version = await modelInService(store, dataset.id)
    const model = await loadModel(store, version!, openOnnx)
    assert.deepEqual(model.metadata.leftOut, [{ name: 'order_id', reason: 'numbers the rows' }])
    await model.release()
  })
})
