import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { FiableError } from '../../src/data/errors.ts'
import { openEngine } from '../../src/engines/duckdb.ts'
import { openOnnx } from '../../src/engines/onnx.ts'
import { open } from '../../src/monitor/project.ts'
import { explainBatch } from '../../src/row-models/explain-batch.ts'
import { loadModel, newestModel } from '../../src/row-models/model-of-dataset.ts'
import { trainForDataset } from '../../src/row-models/train-for-dataset.ts'
import { listModelVersions } from '../../src/tracking/models.ts'
import { type Order, writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'

const folder = tempFolder()
const DAYS = 12
const SPOILT_DAY = 16
const request = {
  settings: { autoencoder: { steps: 600, width: 32 }, 'isolation-forest': { trees: 30 } },
  owner: 'Ada',
  labels: { stage: 'test' },
}

/** Every tenth order has a total that is not its quantity × price. */
const spoil = (rows: Order[], day: number): Order[] =>
  day === SPOILT_DAY ? rows.map((row, i) => (i % 10 === 0 ? { ...row, total: '4321.00' } : row)) : rows

async function withOrders<T>(
  use: (
    context: Parameters<typeof trainForDataset>[0],
    check: (days: number) => Promise<unknown>,
  ) => Promise<T>,
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
      now: () => 1e12,
      version: '0.1.0',
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
      trainForDataset(context, request),
      (error) => (error as FiableError).code === 'TOO_FEW_BATCHES',
    )
    await check(DAYS)
    await assert.rejects(explainBatch(context), (error) => (error as FiableError).code === 'NOT_FOUND')
  })
})

test('a trained model is registered with what registries ask for, version after version', async () => {
  await withOrders(async (context) => {
    const first = await trainForDataset(context, request)
    assert.equal(first.name, 'orders-rows')
    assert.equal(first.version, 1)
    assert.equal(first.owner, 'Ada')
    assert.deepEqual(first.labels, { stage: 'test' })
    assert.deepEqual(first.trainingFramework, { name: 'fiable', version: '0.1.0' })
    assert.equal(first.lastSlot, DAYS)
    const second = await trainForDataset(context, { ...request, members: ['isolation-forest'], settings: {} })
    assert.equal(second.version, 2)
    assert.equal(second.modelType, 'isolation-forest')
    const again = await trainForDataset(context, request)
    assert.equal(again.uri, first.uri, 'the same batches and seed give the same file')
    const known = await listModelVersions(context.store.db)
    assert.deepEqual(
      known.map(({ version }) => version),
      [3, 2, 1],
    )
  })
})

test('a stopped training leaves a checkpoint, goes on from it, and takes it away', async () => {
  await withOrders(async (context) => {
    const checkpoint = path.join(context.store.folder, `training-${context.dataset.id}.checkpoint`)
    const stop = new AbortController()
    const watched = {
      ...context,
      signal: stop.signal,
      onProgress: ({ stage, done }: { stage: string; done: number }) => {
        if (stage === 'training the autoencoder' && done === 1) stop.abort()
      },
    }
    await assert.rejects(
      trainForDataset(watched, { ...request, seed: 'stopped' }),
      (error) => (error as FiableError).code === 'CANCELLED',
    )
    assert.ok(existsSync(checkpoint))
    const stages: number[] = []
    await trainForDataset(
      {
        ...context,
        onProgress: ({ stage, done }) => void (stage === 'training the autoencoder' && stages.push(done)),
      },
      { ...request, seed: 'stopped' },
    )
    assert.ok(stages[0]! >= 1, `began again at run ${stages[0]}`)
    assert.ok(!existsSync(checkpoint))
    await trainForDataset(context, request)
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
    void context
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

test('the model in the store is the one that was trained', async () => {
  await withOrders(async ({ store, dataset }) => {
    const version = await newestModel(store, dataset.id)
    const model = await loadModel(store, version!, openOnnx)
    assert.deepEqual(model.metadata.leftOut, [{ name: 'order_id', reason: 'numbers the rows' }])
    await model.release()
  })
})
