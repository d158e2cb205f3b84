import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileKernel } from '../../scripts/build-kernel.mjs'
import { openHashList } from '../../src/profile/hash-list.ts'
import { openKernel } from '../../src/profile/kernel.ts'

test('the committed kernel is what its source compiles to', async () => {
  const committed = readFileSync(path.join(import.meta.dirname, '../../src/profile/kernel.wasm.ts'), 'utf8')
  assert.equal(committed, await compileKernel())
})

/** A list holding these hashes, offered in pieces of seven. */
function listOf(hashes: readonly bigint[], limit: number) {
  const kernel = openKernel()
  const list = openHashList(kernel, hashes.length, limit)
  for (let first = 0; first < hashes.length; first += 7) {
    const piece = hashes.slice(first, first + 7)
    kernel.longs(list.room(piece.length), piece.length).set(piece)
    list.wrote(piece.length)
  }
  return list
}

test('distinct hashes are counted exactly while they fit', () => {
  const hash = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 3n }))
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 300 }), (hashes) => {
      const { distinct, repeats } = listOf(hashes, 1000).count()
      const expected = new Set(hashes).size
      assert.deepEqual(distinct, { value: expected, standardError: 0 })
      assert.deepEqual(repeats, { value: hashes.length - expected, standardError: 0 })
    }),
  )
})

/** A permutation of 64 bits: splitmix64 (Steele, Lea, Flood 2014). */
function scrambled(i: number): bigint {
  let z = BigInt.asUintN(64, BigInt(i) * 0x9e3779b97f4a7c15n)
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
  return z ^ (z >> 31n)
}

test('many hashes are counted exactly part by part', () => {
  const hashes = Array.from({ length: 60_000 }, (_, i) => scrambled(i % 45_000))
  assert.equal(listOf(hashes, 100_000).count().distinct.value, 45_000)
})

test('hashes beyond the limit are sampled, and the counts estimated with an honest error', () => {
  const hashes = Array.from({ length: 100_000 }, (_, i) => scrambled(i % 80_000))
  const list = listOf(hashes, 10_000)
  assert.ok(list.level > 0)
  const { distinct, repeats } = list.count()
  assert.ok(Math.abs(distinct.value - 80_000) < 4 * distinct.standardError, `${distinct.value}`)
  assert.ok(Math.abs(repeats.value - 20_000) < 4 * repeats.standardError, `${repeats.value}`)
})
