import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { random, randomInteger } from '../../src/math/random.ts'
import {
  addCount,
  type CountTable,
  countOf,
  countTable,
  isKept,
  reserve,
} from '../../src/profile/count-table.ts'
import { hash53 } from '../../src/profile/hash53.ts'

const key = fc.oneof(
  fc.integer({ min: 1, max: 400 }),
  fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }).map(Number),
)
const additions = fc.array(fc.tuple(key, fc.integer({ min: 1, max: 1000 })), { maxLength: 400 })

/** The same additions in a Map. */
function mapOf(added: readonly (readonly [number, number])[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const [key, rows] of added) counts.set(key, (counts.get(key) ?? 0) + rows)
  return counts
}

function tableOf(added: readonly (readonly [number, number])[], budget: number): CountTable {
  const table = countTable(budget)
  for (const [key, rows] of added) addCount(table, key, rows)
  return table
}

test('within its budget a table counts as a Map does', () => {
  fc.assert(
    fc.property(additions, (added) => {
      const table = tableOf(added, 1000)
      const counts = mapOf(added)
      assert.equal(table.level, 0)
      assert.equal(table.size, counts.size)
      for (const [key, rows] of counts) assert.equal(countOf(table, key), rows)
    }),
  )
})

test('a key never added counts 0', () => {
  fc.assert(
    fc.property(additions, key, (added, asked) => {
      fc.pre(!added.some(([key]) => key === asked))
      assert.equal(countOf(tableOf(added, 1000), asked), 0)
    }),
  )
})

test('beyond its budget a table keeps exactly the keys divisible by 2^level, with their whole counts', () => {
  fc.assert(
    fc.property(additions, fc.integer({ min: 1, max: 60 }), (added, budget) => {
      const table = tableOf(added, budget)
      const kept = [...mapOf(added)].filter(([key]) => key % 2 ** table.level === 0)
      assert.ok(table.size <= budget)
      assert.equal(table.size, kept.length)
      for (const [key, rows] of kept) {
        assert.ok(isKept(key, table.level))
        assert.equal(countOf(table, key), rows)
      }
    }),
  )
})

test('the level is the smallest at which the keys fit, whatever the order of arrival', () => {
  fc.assert(
    fc.property(additions, fc.integer({ min: 1, max: 60 }), (added, budget) => {
      const { level } = tableOf(added, budget)
      assert.equal(tableOf(added.toReversed(), budget).level, level)
      const atLevelBelow = [...mapOf(added).keys()].filter((key) => isKept(key, level - 1))
      assert.ok(level === 0 || atLevelBelow.length > budget)
    }),
  )
})

test('a hundred thousand hashes grow a table many times and are all found', () => {
  const table = countTable(1 << 17)
  for (let i = 0; i < 100_000; i++) addCount(table, hash53(`value ${i}`), 1 + (i % 7))
  assert.equal(table.size, 100_000)
  for (let i = 0; i < 100_000; i++) assert.equal(countOf(table, hash53(`value ${i}`)), 1 + (i % 7))
})

test('a sampled table estimates how many keys there were', () => {
  const draw = random('keys')
  const table = countTable(1000)
  const keys = new Set(Array.from({ length: 50_000 }, () => randomInteger(draw, 1, 2 ** 53)))
  for (const key of keys) addCount(table, key, 1)
  const estimate = table.size * 2 ** table.level
  // Each key is kept with probability p = 2^-level: standard deviation √(n (1 − p)/p), 4 of them.
  const deviation = Math.sqrt(keys.size * (2 ** table.level - 1))
  assert.ok(Math.abs(estimate - keys.size) < 4 * deviation, `${estimate}`)
})

test('room made beforehand is as much as a table grows to, and changes no count', () => {
  fc.assert(
    fc.property(additions, fc.integer({ min: 1, max: 1000 }), (added, budget) => {
      const grown = tableOf(added, budget)
      const reserved = countTable(budget)
      reserve(reserved, mapOf(added).size)
      for (const [key, rows] of added) addCount(reserved, key, rows)
      assert.deepEqual([reserved.size, reserved.level], [grown.size, grown.level])
      assert.equal(reserved.keys.length, grown.keys.length)
      for (const [key] of added) assert.equal(countOf(reserved, key), countOf(grown, key))
    }),
  )
})

test('whether a key is kept at a level is read from its bits, up to level 32', () => {
  fc.assert(
    fc.property(key, fc.integer({ min: 0, max: 32 }), (key, level) => {
      assert.equal(isKept(key, level), key % 2 ** level === 0)
      assert.ok(isKept((key % 2 ** 21) * 2 ** 32, level))
    }),
  )
})
