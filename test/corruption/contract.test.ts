import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corruptions } from '../../src/corruption/index.ts'
import { dimensions } from '../../src/data/dimension.ts'
import { checkCorruption } from '../../src/testing/index.ts'

for (const corruption of corruptions) checkCorruption(corruption)

test('there are more than fifty ways to go wrong on all five dimensions, and benign changes', () => {
  const bad = corruptions.filter(({ dimension }) => dimension !== null)
  assert.ok(bad.length >= 50, String(bad.length))
  for (const dimension of dimensions)
    assert.ok(bad.filter((corruption) => corruption.dimension === dimension).length >= 5, dimension)
  assert.ok(corruptions.length - bad.length >= 5)
  assert.equal(new Set(corruptions.map(({ name }) => name)).size, corruptions.length)
})
