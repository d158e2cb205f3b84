import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Profile } from '../../src/data/profile.ts'
import { levelOf } from '../../src/math/hash.ts'
import { levelHash, limited, mergeFrequencies, shortened } from '../../src/profile/frequencies.ts'
import { mergeProfiles } from '../../src/profile/merge.ts'
import { profileSample } from '../../src/profile/profile-sample.ts'
import { assertClose } from './close.ts'
import { type Cell, sampleOf } from './sample-of.ts'

const rowOf = fc.tuple(
  fc.option(fc.oneof(fc.double(), fc.integer({ min: -5, max: 5 }), fc.constantFrom(-0, 1e300, -1e300, 0.1))),
  fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'x'.repeat(300), 'N/A'))),
  fc.option(fc.oneof(fc.integer({ min: 0, max: 2e12 }), fc.constantFrom(0, 86_400_000))),
  fc.option(fc.integer({ min: 0, max: 1 })),
)

function profileOf(rows: readonly (readonly Cell[])[]): Profile {
  const cells = (c: number) => rows.map((row) => row[c]!)
  return profileSample(
    sampleOf({
      amount: { type: 'DOUBLE', cells: cells(0).map((cell) => (cell === 0 ? 0 : cell)) },
      note: { type: 'VARCHAR', cells: cells(1) },
      at: { type: 'TIMESTAMP', cells: cells(2) },
      paid: { type: 'BOOLEAN', cells: cells(3) },
    }),
  )
}

test('merging the profiles of two batches gives the profile of their rows together', () => {
  fc.assert(
    fc.property(fc.array(rowOf, { maxLength: 60 }), fc.array(rowOf, { maxLength: 60 }), (a, b) => {
      const merged = mergeProfiles(profileOf(a), profileOf(b))
      assertMoments(merged, profileOf([...a, ...b]))
    }),
    { numRuns: 300 },
  )
})

/** Squares of numbers of very different size cancel: they are compared to the size of what was squared. */
function assertMoments(merged: Profile, whole: Profile): void {
  const blank = (profile: Profile) => ({
    ...profile,
    columns: profile.columns.map((column) => ({
      ...column,
      number: column.number && { ...column.number, mean: 0, squares: 0 },
    })),
  })
  assertClose(blank(merged), blank(whole))
  whole.columns.forEach(({ number }, i) => {
    if (!number) return
    const other = merged.columns[i]!.number!
    const size = Math.max(Math.abs(number.min), Math.abs(number.max))
    const tolerance = 1e-9 * Math.max(size, Number.MIN_VALUE)
    assert.ok(Math.abs(other.mean - number.mean) <= tolerance, `mean ${other.mean} is not ${number.mean}`)
    const spread = Math.sqrt(number.squares)
    assert.ok(Math.abs(Math.sqrt(other.squares) - spread) <= 1e-6 * Math.max(size, spread))
  })
}

test('merging is commutative', () => {
  fc.assert(
    fc.property(fc.array(rowOf, { maxLength: 30 }), fc.array(rowOf, { maxLength: 30 }), (a, b) => {
      const [x, y] = [profileOf(a), profileOf(b)]
      assertMoments(mergeProfiles(x, y), mergeProfiles(y, x))
    }),
    { numRuns: 100 },
  )
})

test('sampled frequencies merge exactly, whatever the budget', () => {
  const counts = fc.dictionary(fc.string({ maxLength: 3 }), fc.integer({ min: 1, max: 9 }), { maxKeys: 200 })
  fc.assert(
    fc.property(counts, counts, fc.integer({ min: 1, max: 64 }), (a, b, budget) => {
      const [x, y] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
      const both = new Map(x)
      for (const [value, count] of y) both.set(value, (both.get(value) ?? 0) + count)
      const merged = mergeFrequencies(limited(x, budget), limited(y, budget), budget)
      assert.deepEqual(merged, limited(both, budget))
    }),
    { numRuns: 500 },
  )
})

test('frequencies keep the values of the smallest level that fits', () => {
  const counts = new Map(Array.from({ length: 1000 }, (_, i) => [i, 1] as const))
  const kept = limited(counts, 300)
  const survivors = (level: number) =>
    [...counts.keys()].filter((value) => levelOf(levelHash(value)) >= level)
  assert.deepEqual(kept.values, survivors(kept.level))
  assert.ok(kept.values.length <= 300 && survivors(kept.level - 1).length > 300)
})

test('beyond the budget the merged distinct count is estimated with an honest error', () => {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
  const profile = (cells: number[]) => profileSample(sampleOf({ id: { type: 'BIGINT', cells } }))
  const merged = mergeProfiles(profile(range(0, 60_000)), profile(range(30_000, 90_000)))
  const { value, standardError } = merged.columns[0]!.distinct
  assert.ok(standardError > 0 && standardError < 900, `standard error ${standardError}`)
  assert.ok(Math.abs(value - 90_000) < 4 * standardError, `${value} ± ${standardError}`)
  const whole = profile([...range(0, 60_000), ...range(30_000, 90_000)])
  assert.deepEqual(merged.columns[0]!.frequencies, whole.columns[0]!.frequencies)
})

test('a column that one side lacks gets no rows from it', () => {
  const a = profileSample(sampleOf({ x: { type: 'BIGINT', cells: [1, 2] } }))
  const b = profileSample(sampleOf({ y: { type: 'VARCHAR', cells: ['u', null, 'v'] } }))
  const merged = mergeProfiles(a, b)
  assert.equal(merged.rows, 5)
  assert.deepEqual(
    merged.columns.map(({ column, rows, nulls }) => [column.name, rows, nulls]),
    [
      ['x', 2, 0],
      ['y', 3, 1],
    ],
  )
})

test('row keys of different hashes are dropped rather than mixed', () => {
  const a = profileSample(sampleOf({ x: { type: 'BIGINT', cells: [1, 1] } }))
  const merged = mergeProfiles(a, { ...a, rowHash: 'duckdb-0' })
  assert.equal(merged.rowHash, 'none')
  assert.equal(merged.rowKeys.counts.length, 0)
  assert.equal(merged.duplicateRows.value, 2)
})

test('a long text is kept as its beginning and a hash, never cutting a character in two', () => {
  assert.equal(shortened('a'.repeat(256)), 'a'.repeat(256))
  assert.match(shortened('a'.repeat(257)), /^a{256}…#[0-9a-f]{8}$/)
  assert.match(shortened(`${'a'.repeat(255)}😀tail`), /^a{255}…#[0-9a-f]{8}$/)
})
