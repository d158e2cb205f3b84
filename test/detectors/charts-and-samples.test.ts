import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chiSquare } from '../../src/detectors/chi-square.ts'
import { controlChart } from '../../src/detectors/control-chart.ts'
import { jensenShannon } from '../../src/detectors/jensen-shannon.ts'
import { kolmogorovSmirnov } from '../../src/detectors/kolmogorov-smirnov.ts'
import { populationStabilityIndex } from '../../src/detectors/population-stability-index.ts'
import { wasserstein } from '../../src/detectors/wasserstein.ts'
import { weightedSample } from '../../src/math/ecdf.ts'
import { assertClose, reference } from '../math/close.ts'

const { categorical, cases } = reference<{
  categorical: Record<string, number> & { reference: number[]; batch: number[] }
  cases: { a: number[]; b: number[]; ks: number; ksExactP: number; wasserstein: number }[]
}>('samples')
const texts = (counts: number[]) => ({ values: ['a', 'b', 'c', 'd'], counts })
const [past, batch] = [texts(categorical.reference), texts(categorical.batch)]

test('frequencies of texts are compared as SciPy does', () => {
  assertClose(jensenShannon.fit(past).score(batch), Math.sqrt(categorical.jensenShannonBits!), 1e-12)
  const fitted = chiSquare.fit(past)
  assertClose(fitted.score(batch), Math.sqrt(categorical.chiSquare! / 200), 1e-12)
  assertClose(fitted.pValue(batch)!, categorical.chiSquareP!, 1e-11)
  // Half a row per bin is added, so that it agrees in the limit of many rows only.
  const many = (sample: typeof past) => ({ ...sample, counts: sample.counts.map((count) => count * 1e8) })
  assertClose(populationStabilityIndex.fit(many(past)).score(many(batch)), categorical.psi!, 1e-7)
})

test('numbers are compared as SciPy does', () => {
  for (const { a, b, ks, ksExactP, wasserstein: distance } of cases) {
    const fitted = kolmogorovSmirnov.fit(weightedSample(a))
    assertClose(fitted.score(weightedSample(b)), ks, 1e-14)
    assertClose(fitted.pValue(weightedSample(b))!, ksExactP, 1e-11)
    const mean = a.reduce((sum, x) => sum + x, 0) / a.length
    const deviation = Math.sqrt(a.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (a.length - 1))
    assertClose(wasserstein.fit(weightedSample(a)).score(weightedSample(b)), distance / deviation, 1e-12)
  }
})

test('a text never seen before raises the score', () => {
  const novel = { values: ['a', 'b', 'c', 'new'], counts: past.counts }
  for (const detector of [jensenShannon, populationStabilityIndex, chiSquare])
    assert.ok(detector.fit(past).score(novel) > detector.fit(past).score(past) + 0.01)
})

test('the score of a control chart is the distance in units of its limit', () => {
  const fitted = controlChart.fit([8, 9, 10, 11, 12], { limit: 2, spread: 'standard-deviation' })
  // s = √2.5 and c4(5) = 0.9399856: the limits are 10 ± 2·1.68210.
  assertClose(fitted.limits.upperLimit, 10 + (2 * Math.sqrt(2.5)) / 0.9399856029866251, 1e-12)
  assertClose(fitted.score([fitted.limits.lowerLimit]), 1, 1e-12)
  assert.equal(fitted.score([10]), 0)
})

test('the moving range is divided by d₂ of two values', () => {
  const { centerLine, upperLimit } = controlChart.fit([1, 2, 1, 2, 1, 2], {
    limit: 1,
    spread: 'moving-range',
  }).limits
  assertClose(upperLimit - centerLine, 1 / 1.128379167095513, 1e-12)
})

test('bad input names the detector, the value, the rule and the next step', () => {
  assert.throws(() => controlChart.fit([1, 2]), {
    code: 'TOO_FEW_BATCHES',
    message: /control-chart was given 2 .* needs 4/,
  })
  assert.throws(() => controlChart.fit([1, 2, 3, 4], { limit: -1 }), {
    code: 'BAD_ARGUMENT',
    message: /limit = -1.* from 0.5 to 20/,
    fix: /default is 3/,
  })
  assert.throws(() => jensenShannon.fit(past, { bins: 2.5 }), {
    code: 'BAD_ARGUMENT',
    message: /whole number/,
  })
  assert.throws(() => wasserstein.fit(weightedSample([])), { code: 'TOO_FEW_ROWS' })
})
