import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detectors } from '../../src/detectors/index.ts'
import { checkDetector } from '../../src/testing/index.ts'

for (const detector of detectors) checkDetector(detector)

test('every detector has a name of its own', () => {
  assert.equal(new Set(detectors.map(({ name }) => name)).size, detectors.length)
})
