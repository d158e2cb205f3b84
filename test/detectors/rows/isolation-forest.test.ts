import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { compileKernel, kernels } from '../../../scripts/build-kernel.mjs'
import { averagePathLength } from '../../../src/detectors/rows/average-path-length.ts'
import { forestContributions } from '../../../src/detectors/rows/forest-contributions.ts'
import { isolationForest, scoreForest } from '../../../src/detectors/rows/isolation-forest.ts'
import { encodeRows, encodingOf, fitTransformer } from '../../../src/detectors/rows/transformer.ts'
import { openOnnx } from '../../../src/engines/onnx.ts'
import { columnOf, mixedTable, sampleFrom } from './mixed-table.ts'

async function forestOf(sample: Parameters<typeof fitTransformer>[0], settings = {}) {
  const transformer = fitTransformer(sample)
  const rows = encodeRows(transformer, sample)
  const encoding = encodingOf(transformer)
  const tools = { seed: 'forest', openSession: openOnnx }
  return {
    transformer,
    rows,
    encoding,
    forest: await isolationForest.fit({ rows, heldOut: rows, encoding }, settings, tools),
  }
}

test('the committed kernel is what its source compiles to', async () => {
  const folder = path.join(import.meta.dirname, '../../../src', kernels.forest[0])
  const committed = readFileSync(path.join(folder, `${kernels.forest[1]}.wasm.ts`), 'utf8')
  assert.equal(await compileKernel(kernels.forest), committed)
})

test('the kernel gives the scores that the formula gives, with and without missing cells', async () => {
  const complete = sampleFrom(
    ...['a', 'b', 'c'].map((name, c) =>
      columnOf(
        name,
        'DOUBLE',
        Array.from({ length: 1003 }, (_, i) => Math.sin((c + 1) * i * i)),
      ),
    ),
  )
  for (const sample of [mixedTable(1003), complete])
    for (const settings of [{}, { subsample: 256, depth: 1 }]) {
      const { rows, forest } = await forestOf(sample, settings)
      const expected = scoreForest(forest.state, rows)
      const { scores } = forest.score(rows)
      assert.ok(scores.every((score, i) => Math.abs(score - expected[i]!) < 1e-6))
    }
})

// Liu, Ting & Zhou (2008), §3: c(256) ≈ 10.24 with the harmonic number by ln(i) + 0.5772156649.
test('the average path length is that of the paper', () => {
  assert.ok(Math.abs(averagePathLength(256) - 10.24477092011684) < 1e-9)
  assert.equal(averagePathLength(2), 1)
  assert.equal(averagePathLength(1), 0)
})

test('contributions of the columns add up to how much shorter the path of a row is', async () => {
  const { rows, encoding, forest } = await forestOf(mixedTable(400))
  const { state } = forest
  const columns = encoding.levels.length
  const contributions = forestContributions(state, rows, { columnOf: encoding.columnOf, columns })
  const trees = state.roots.length - 1
  let atRoots = 0
  for (let t = 0; t < trees; t++) atRoots += state.depth[state.roots[t]!]! / trees
  const scores = scoreForest(state, rows)
  for (let row = 0; row < rows.rows; row++) {
    const sum = contributions.subarray(row * columns, (row + 1) * columns).reduce((a, b) => a + b, 0)
    const path = -Math.log2(scores[row]!) * state.averagePath
    assert.ok(Math.abs(sum - (atRoots - path)) < 1e-3)
  }
})
