import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROFILE_VERSION } from '../../src/data/profile.ts'
import { hex64 } from '../../src/math/hash.ts'
import { decodeProfile, encodeProfile } from '../../src/profile/codec.ts'
import { profileSample } from '../../src/profile/profile-sample.ts'
import { seal } from '../../src/profile/stored-bytes.ts'
import { sampleOf } from './sample-of.ts'

const profile = profileSample(
  sampleOf({
    __proto__x: {
      type: 'DOUBLE',
      cells: [0.1, -5e-324, 1.7e308, null, Number.POSITIVE_INFINITY, Number.NaN],
    },
    'tëxt "\n😀': { type: 'VARCHAR', cells: ['', '\ud800', 'é', null, '😀', 'x'.repeat(5000)] },
    at: { type: 'TIMESTAMP', cells: [0.001, 1e12, null, -1e12, 3, 4] },
  }),
)

test('a profile comes back as it was encoded', () => {
  assert.deepEqual(decodeProfile(encodeProfile(profile)), profile)
})

test('a profile of the first version, whose row keys were texts, is read as one of today', () => {
  const { words, counts, level } = profile.rowKeys
  const values = Array.from(counts, (_, k) => hex64(words[2 * k]!, words[2 * k + 1]!))
  const first = { ...profile, version: 1, rowKeys: { level, values, counts: [...counts] } }
  const bytes = seal(Buffer.from('FIAP'), 1, JSON.stringify(first))
  assert.ok(values.length > 0)
  assert.deepEqual(decodeProfile(bytes), profile)
})

test('a profile of a newer version is refused as newer', () => {
  const bytes = encodeProfile({ ...profile, version: PROFILE_VERSION + 1 })
  assert.throws(() => decodeProfile(bytes), { code: 'STORE_NEWER' })
})

test('bytes that are no profile are refused as corrupt', () => {
  const bytes = encodeProfile(profile)
  for (const garbage of [
    Buffer.alloc(0),
    Buffer.from('FIAP'),
    Buffer.from('hello, world'),
    bytes.subarray(0, 40),
  ])
    assert.throws(() => decodeProfile(garbage), { code: 'STORE_CORRUPT' })
})
