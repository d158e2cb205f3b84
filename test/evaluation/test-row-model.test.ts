import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RowSample } from '../../src/data/profile.ts'
import { openRowModel, type RowModel } from '../../src/detectors/rows/row-model.ts'
import { trainRowModel } from '../../src/detectors/rows/train-row-model.ts'
import { openOnnx } from '../../src/engines/onnx.ts'
import { compareRowModels } from '../../src/evaluation/compare-row-models.ts'
import { type RowModelTest, testRowModels } from '../../src/evaluation/test-row-model.ts'
import { random, randomNormal } from '../../src/math/random.ts'
import { mixedTable } from '../detectors/rows/mixed-table.ts'

const modelOf = async (members: readonly string[]): Promise<RowModel> => {
  const { file } = await trainRowModel(mixedTable(1500), {
    ...{ name: 'mixed', version: '0', seed: 'test', members, openSession: openOnnx },
  })
  return openRowModel(file, openOnnx)
}
const batches = [mixedTable(400, 'first'), mixedTable(300, 'second')]
let good: RowModel
let poor: RowModel

before(async () => {
  good = await modelOf(['nearest-neighbours', 'frequency-surprise'])
  poor = await modelOf(['isolation-forest'])
})

test('spoiled rows score above clean ones, and every corruption is told by itself', async () => {
  const [own] = await testRowModels([good], batches, '1')
  assert.ok(own!.auroc > 0.7 && own!.auroc < 1, `${own!.auroc}`)
  assert.equal(own!.rows, 700)
  assert.ok(own!.falseAlarms < 0.05, `${own!.falseAlarms}`)
  const nulls = own!.corruptions.find(({ corruption }) => corruption === 'explicit-nulls')!
  assert.equal(nulls.trials, 2)
  assert.equal(nulls.rows, 70)
})

test('same rows and seed give the same result, and another seed spoils other rows', async () => {
  const [first, same] = [await testRowModels([poor], batches, '1'), await testRowModels([poor], batches, '1')]
  assert.deepEqual(first, same)
  assert.notDeepEqual(await testRowModels([poor], batches, '2'), first)
})

test('of two models the better one is told, and a model is no better than itself', async () => {
  const [strong, weak] = await testRowModels([good, poor], batches, '1')
  assert.equal(compareRowModels(strong!, weak!).isBetter, true)
  assert.equal(compareRowModels(weak!, strong!).isBetter, false)
  const self = compareRowModels(strong!, strong!)
  assert.deepEqual([self.isBetter, self.p], [false, 1])
})

test('a model that cannot read the rows tells nothing apart, and rows that nothing can spoil are refused', async () => {
  const without = (sample: RowSample): RowSample => ({ ...sample, columns: sample.columns.slice(2) })
  const [blind] = await testRowModels([good], batches.map(without), '1')
  assert.deepEqual([blind!.auroc, blind!.caught], [0.5, 0])
  await assert.rejects(testRowModels([good], [{ rows: 0, of: 0, columns: [] }], '1'), {
    code: 'TOO_FEW_ROWS',
  })
})

test('what each clean row adds makes up the area', async () => {
  const [own] = await testRowModels([poor], batches, '1')
  const means = own!.placements.map((batch) => batch.reduce((sum, value) => sum + value, 0) / batch.length)
  assert.ok(Math.abs(means.reduce((sum, value) => sum + value, 0) - own!.auroc) < 1e-9)
})

test('of equals, about one in twenty is held for better', () => {
  const draw = random('equals')
  let better = 0
  for (let repeat = 0; repeat < 400; repeat++) {
    const [a, b] = equals(draw)
    if (compareRowModels(a, b).isBetter) better++
  }
  // 20 expected of 400; the corruptions' variance holds some of the rows' a second time.
  assert.ok(better >= 1 && better <= 32, `${better} of 400`)
})

/** Tests of two models whose errors are of one kind: noise of clean rows, of corruptions, and of both. */
function equals(draw: () => number): [RowModelTest, RowModelTest] {
  const ROWS = 300
  const KINDS = 25
  const one = (): RowModelTest => {
    const rows = Float64Array.from({ length: ROWS }, () => 0.8 + 0.2 * randomNormal(draw))
    const base = rows.reduce((sum, value) => sum + value, 0) / ROWS
    const corruptions = Array.from({ length: KINDS }, (_, c) => {
      return { corruption: `${c}`, trials: 1, rows: 30, auroc: base + 0.05 * randomNormal(draw), caught: 0 }
    })
    const auroc = corruptions.reduce((sum, result) => sum + result.auroc, 0) / KINDS
    return { auroc, caught: 0, falseAlarms: 0, rows: ROWS, corruptions, placements: [rows] }
  }
  return [one(), one()]
}
