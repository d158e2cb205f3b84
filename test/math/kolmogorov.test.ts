import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kolmogorovSf, ksPValue } from '../../src/math/kolmogorov.ts'
import { oneSampleKsSf } from '../../src/math/kolmogorov-one-sample.ts'
import { assertClose, reference } from './close.ts'

const values = reference<{
  limitSf: readonly (readonly [number, number])[]
  exact: readonly (readonly [number, number, number, number])[]
  oneSample: readonly (readonly [number, number, number])[]
}>('kolmogorov')

test('the limit distribution agrees with SciPy kstwobign within 1e-13', () => {
  for (const [x, p] of values.limitSf) assertClose(kolmogorovSf(x), p, 1e-13, { what: `sf(${x})` })
})

test('exact two-sample p-values agree with SciPy up to 10 000 values within 1e-10', () => {
  for (const [d, n, m, p] of values.exact)
    assertClose(ksPValue(d, n, m, 'exact'), p, 1e-10, { what: `${d} ${n} ${m}` })
})

test('the exact p-value of five against five is a ratio of counted paths', () => {
  // Gnedenko and Korolyuk (1951): 2·[C(10,5−h) − …]/C(10,5) for D = h/5.
  assertClose(ksPValue(1, 5, 5), 2 / 252, 1e-15)
  assertClose(ksPValue(0.8, 5, 5), (2 * 10) / 252, 1e-15)
  assertClose(ksPValue(0.6, 5, 5), (2 * 45) / 252, 1e-15)
  assert.equal(ksPValue(0, 5, 5), 1)
})

test('swapping the samples changes nothing', () => {
  assert.equal(ksPValue(0.3, 20, 50), ksPValue(0.3, 50, 20))
})

test('the one-sample distribution agrees with SciPy kstwo within 1e-5 (relative)', () => {
  for (const [d, n, p] of values.oneSample)
    assertClose(oneSampleKsSf(d, n), p, 1e-5, { what: `D = ${d}, n = ${n}` })
})

test('a distance outside [0, 1] or an empty sample is refused', () => {
  assert.throws(() => ksPValue(1.1, 5, 5), { code: 'BAD_ARGUMENT' })
  assert.throws(() => ksPValue(0.1, 0, 5), { code: 'BAD_ARGUMENT' })
})
