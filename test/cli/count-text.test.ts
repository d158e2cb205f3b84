import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countText } from '../../src/cli/count-text.ts'

test('counts read as the platform writes them in English', () => {
  for (const count of [0, 7, 999, 1000, 100_000, 1_234_567, Number.MAX_SAFE_INTEGER])
    assert.equal(countText(count), count.toLocaleString('en'))
  fc.assert(
    fc.property(fc.maxSafeNat(), (count) => assert.equal(countText(count), count.toLocaleString('en'))),
  )
})
