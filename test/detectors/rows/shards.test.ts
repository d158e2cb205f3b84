import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsOf } from '../../../src/data/params.ts'
import {
  type Autoencoder,
  autoencoder,
  autoencoderNetwork,
  finishAutoencoder,
  trainingVectors,
} from '../../../src/detectors/rows/autoencoder.ts'
import { takeEncoded } from '../../../src/detectors/rows/encoded-rows.ts'
import { type Forest, isolationForest, scoreForest } from '../../../src/detectors/rows/isolation-forest.ts'
import { mergeForests } from '../../../src/detectors/rows/merge-forests.ts'
import {
  averageTraining,
  beginTraining,
  type Checkpoint,
  isTrained,
  trainNetwork,
} from '../../../src/detectors/rows/train-network.ts'
import { encodeRows, encodingOf, fitTransformer } from '../../../src/detectors/rows/transformer.ts'
import { openOnnx } from '../../../src/engines/onnx.ts'
import { mixedTable } from './mixed-table.ts'

const table = mixedTable(1500)
const transformer = fitTransformer(table)
const encoding = encodingOf(transformer)
const all = encodeRows(transformer, table)
const between = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i)
const rows = takeEncoded(all, between(0, 1200))
const heldOut = takeEncoded(all, between(1200, 1500))
const shardOf = (shard: number, shards: number) =>
  takeEncoded(
    rows,
    between(0, rows.rows).filter((row) => row % shards === shard),
  )

const forestOf = async (part: typeof rows, trees: number, seed: string): Promise<Forest> => {
  const tools = { seed, openSession: openOnnx }
  const fitted = await isolationForest.fit(
    { rows: part, heldOut, encoding },
    { trees, subsample: 256 },
    tools,
  )
  return fitted.state as Forest
}

test('a merged forest scores a row as the mean depth of all its trees says', async () => {
  const forests = [await forestOf(shardOf(0, 2), 7, 'a'), await forestOf(shardOf(1, 2), 13, 'b')]
  const merged = mergeForests(forests)
  assert.equal(merged.roots.length, 21)
  // From 2^(−E(h)/c) of each part: depths add up tree by tree.
  const paths = forests.map((forest) =>
    scoreForest(forest, heldOut).map(
      (score) => -Math.log2(score) * forest.averagePath * (forest.roots.length - 1),
    ),
  )
  const expected = paths[0]!.map((path, row) => 2 ** (-(path + paths[1]![row]!) / 20 / merged.averagePath))
  const scores = isolationForest.restore(merged).score(heldOut).scores
  for (const [row, score] of scores.entries()) assert.ok(Math.abs(score - expected[row]!) < 1e-5)
})

test('one forest merged is itself, and forests over other features are refused', async () => {
  const forest = await forestOf(rows, 5, 'one')
  assert.deepEqual(mergeForests([forest]), forest)
  assert.throws(() => mergeForests([]), { code: 'BAD_ARGUMENT' })
  assert.throws(() => mergeForests([forest, { ...forest, width: 99 }]), /over 99/)
})

const settings = settingsOf('autoencoder', autoencoder.params, { width: 16, steps: 1000 })
const seed = 'shards'
const network = autoencoderNetwork(encoding, settings, seed)
const options = { openSession: openOnnx, steps: 1000, rate: settings.learningRate, seed }
const vectors = trainingVectors(network, { rows, heldOut }, seed)

test('training in parts is the same training as in one go', async () => {
  const whole = (await autoencoder.fit({ rows, heldOut, encoding }, settings, options)).state as Autoencoder
  let at: Checkpoint | null = null
  for (const untilRun of [1, 3, 5])
    at = await trainNetwork(network, vectors, { ...options, resume: structuredClone(at), untilRun })
  assert.ok(isTrained(at!, 1000))
  assert.deepEqual(finishAutoencoder(network, at!, vectors.heldOut), whole)
})

test('the average of one shard is that shard, and of two their mean', async () => {
  const before = beginTraining(network, 'start')
  const round = (shard: number, shards: number) => {
    const own = trainingVectors(network, { rows: shardOf(shard, shards), heldOut }, seed)
    return trainNetwork(network, own, { ...options, resume: before, untilRun: 1, seed: `${seed} ${shard}` })
  }
  const check = { network, heldOut: vectors.heldOut }
  const one = await round(0, 1)
  assert.deepEqual(await averageTraining(check, { before, shards: [one] }, openOnnx), one)
  const two = [await round(0, 2), await round(1, 2)]
  const mean = await averageTraining(check, { before, shards: two }, openOnnx)
  for (const key of ['parameters', 'mean', 'square'] as const)
    assert.deepEqual(
      mean[key],
      two[0]![key].map((value, i) => (value + two[1]![key][i]!) / 2),
    )
  assert.equal(mean.runs, 1)
  assert.ok(mean.bestLoss < (before.curve[0]?.[1] ?? Infinity))
  assert.ok(mean.curve[0]![1] < 1.5 * Math.max(...two.map(({ bestLoss }) => bestLoss)))
})
