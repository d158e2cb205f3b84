import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowDetectors } from '../../../src/detectors/rows/index.ts'
import { openOnnx } from '../../../src/engines/onnx.ts'
import { checkRowDetector } from '../../../src/testing/index.ts'

const quick: Readonly<Record<string, Record<string, number>>> = {
  'isolation-forest': { trees: 40 },
  'nearest-neighbours': { perBag: 64 },
  autoencoder: { width: 24, steps: 600 },
}

for (const detector of rowDetectors)
  checkRowDetector(detector, { openSession: openOnnx, settings: quick[detector.name] ?? {} })

test('every row detector has a name of its own', () => {
  assert.equal(new Set(rowDetectors.map(({ name }) => name)).size, rowDetectors.length)
})
