import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hash64, hex32, hex64, levelOf } from '../../src/math/hash.ts'

const hexOf = (value: number | string): string => {
  const { low, high } = hash64(value)
  return hex64(low, high)
}

/** Written by this code when the hash was fixed: stored profiles rest on them, so they may never change. */
const fixed: readonly (readonly [number | string, string])[] = [
  [0, 'ca4c641c723031c5'],
  [1, 'd66b31df27f04ac0'],
  [-1, 'e2c9b641dd83a21b'],
  [0.1, 'c2cc3f7587b624bb'],
  [1e300, '2bb5c804f79e2627'],
  [Number.NaN, '5cd2ef05a3165568'],
  [Number.POSITIVE_INFINITY, '897e39a47472e667'],
  ['', 'f0b8b9c2132c5643'],
  ['a', 'e54758a1b97d9b8a'],
  ['Fiable', 'b273fffec3bec3fd'],
  ['é😀', '7b42c28f61c43ecb'],
  ['x'.repeat(1000), 'cb649ae6826f906d'],
]

test('the hash of stored values never changes', () => {
  for (const [value, expected] of fixed)
    assert.equal(hexOf(value), expected, `hash of ${String(value).slice(0, 20)}`)
})

test('equal numbers have equal hashes, and all NaN are one', () => {
  assert.equal(hexOf(-0), hexOf(0))
  const odd = new Float64Array(new BigUint64Array([0x7ff8_0000_0000_0001n]).buffer)[0]!
  assert.equal(hexOf(odd), hexOf(Number.NaN))
})

test('different doubles never share a hash', () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), (a, b) => Object.is(a + 0, b + 0) === (hexOf(a) === hexOf(b))),
  )
})

test('the hash spreads small integers, close doubles and similar texts evenly over buckets', () => {
  const families: ((i: number) => number | string)[] = [
    (i) => i,
    (i) => i / 100,
    (i) => `customer ${i}`,
    (i) => 2 ** 40 + i,
  ]
  for (const family of families)
    for (const half of ['low', 'high'] as const) {
      const buckets = new Uint32Array(256)
      for (let i = 0; i < 65_536; i++) buckets[hash64(family(i))[half] & 255]!++
      const chiSquare = buckets.reduce((sum, count) => sum + (count - 256) ** 2 / 256, 0)
      // 99.99 % of random hashes lie below 345 with 255 degrees of freedom (SciPy 1.14: chi2.ppf(0.9999, 255)).
      assert.ok(chiSquare < 345, `${family(1)} ${half}: chi-square ${chiSquare}`)
    }
})

test('the level is the number of zero bits at the end', () => {
  assert.deepEqual([1, 2, 12, 0x80000000, 0].map(levelOf), [0, 1, 2, 31, 32])
  fc.assert(fc.property(fc.nat(), (low) => low === 0 || levelOf(low) === Math.log2(low & -low)))
})

test('hex keeps leading zeros', () => {
  assert.equal(hex32(0x1f), '0000001f')
  assert.equal(hex64(1, 0xf0000000), 'f000000000000001')
})
