import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ksDistance, sampleSize, wassersteinDistance, weightedSample } from '../../src/math/ecdf.ts'
import { ksPValue } from '../../src/math/kolmogorov.ts'
import { quantile, weightedQuantile } from '../../src/math/quantile.ts'
import { averageRanks, spearman } from '../../src/math/rank.ts'
import { median, medianAbsoluteDeviation, winsorisedMean } from '../../src/math/robust.ts'
import { assertClose, reference } from './close.ts'

interface Case {
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly ks: number
  readonly ksExactP: number
  readonly ksAsymptoticP: number
  readonly wasserstein: number
  readonly quantiles: readonly (readonly [number, number])[]
  readonly mad: number
  readonly winsorisedMean10: number
  readonly ranks: readonly number[]
  readonly spearman: number
}
const { cases } = reference<{ cases: readonly Case[] }>('samples')

for (const known of cases) {
  const { a, b } = known
  const [first, second] = [weightedSample(a), weightedSample(b)]
  test(`statistics of ${a.length} against ${b.length} values with ties agree with SciPy`, () => {
    assertClose(ksDistance(first, second), known.ks, 1e-14)
    assertClose(ksPValue(known.ks, a.length, b.length, 'exact'), known.ksExactP, 1e-11)
    assertClose(ksPValue(known.ks, a.length, b.length, 'asymptotic'), known.ksAsymptoticP, 1e-6)
    assertClose(wassersteinDistance(first, second), known.wasserstein, 1e-13)
    for (const [p, value] of known.quantiles) assertClose(quantile(a, p), value, 1e-14)
    assertClose(medianAbsoluteDeviation(a), known.mad, 1e-14)
    assertClose(winsorisedMean(a, 0.1), known.winsorisedMean10, 1e-13)
    assert.deepEqual([...averageRanks(a)], known.ranks)
    const size = Math.min(a.length, b.length)
    assertClose(spearman(a.slice(0, size), b.slice(0, size)), known.spearman, 1e-13, { scale: 1 })
  })
}

const finite = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 40 })

test('distances are symmetric, zero to oneself, and KS ignores monotone changes of unit', () => {
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      const [x, y] = [weightedSample(a), weightedSample(b)]
      assert.equal(ksDistance(x, y), ksDistance(y, x))
      assert.equal(ksDistance(x, x), 0)
      assertClose(wassersteinDistance(x, y), wassersteinDistance(y, x), 1e-9, { scale: 1 })
      const doubled = (v: readonly number[]) => weightedSample(v.map((value) => 2 * value))
      assert.equal(ksDistance(doubled(a), doubled(b)), ksDistance(x, y))
    }),
  )
})

test('W₁ of a sample moved by d is d', () => {
  fc.assert(
    fc.property(finite, fc.integer({ min: -100, max: 100 }), (a, d) => {
      const moved = weightedSample(a.map((value) => value + d))
      assertClose(wassersteinDistance(weightedSample(a), moved), Math.abs(d), 1e-6, { scale: 1 })
    }),
  )
})

test('a weighted sample counts ties, drops NaN, and is empty for nothing', () => {
  const sample = weightedSample([2, 1, Number.NaN, 2])
  assert.deepEqual(sample, { values: [1, 2], counts: [1, 2] })
  assert.equal(sampleSize(sample), 3)
  assert.equal(weightedQuantile(sample, 0.5), 2)
  assert.equal(weightedQuantile(sample, 0.3), 1)
  assert.ok(Number.isNaN(ksDistance(sample, weightedSample([]))))
  assert.ok(Number.isNaN(median([])))
})

test('infinite values have ranks, and NaN ranks last', () => {
  assert.deepEqual([...averageRanks([Number.NaN, Infinity, -Infinity, Infinity])], [4, 2.5, 1, 2.5])
})
