import assert from 'node:assert/strict'
import { test } from 'node:test'
import { c4 } from '../../src/math/c4.ts'
import { exp, ln } from '../../src/math/exponential.ts'
import { chiSquareSf, logGamma } from '../../src/math/gamma.ts'
import { gaussLegendre } from '../../src/math/gauss-legendre.ts'
import { normalCdf, normalQuantile, normalSf } from '../../src/math/normal.ts'
import {
  normalScoreOfT,
  studentCdf,
  studentQuantile,
  studentSf,
  tOfNormalScore,
} from '../../src/math/student-t.ts'
import { assertClose, reference } from './close.ts'

type Row = readonly number[]
const values = reference<Record<string, readonly Row[]>>('distributions')

/** Every reference row holds the arguments and then the value. */
function agrees(name: string, f: (...args: number[]) => number, tolerance: number, scale = 0): void {
  test(`${name} agrees with mpmath or SciPy within ${tolerance}${scale ? ' (absolute below 1)' : ' (relative)'}`, () => {
    for (const row of values[name]!)
      assertClose(f(...row.slice(0, -1)), row.at(-1)!, tolerance, {
        scale,
        what: `${name}(${row.slice(0, -1)})`,
      })
  })
}

agrees('exp', exp, 4e-16)
agrees('ln', ln, 4e-16)
agrees('normalSf', normalSf, 1e-14)
agrees('normalQuantile', normalQuantile, 1e-14)
agrees('logGamma', logGamma, 1e-14, 1)
agrees('chiSquareSf', chiSquareSf, 1e-11)
agrees('studentSf', studentSf, 1e-12)
agrees('studentQuantile', studentQuantile, 1e-10)
agrees('c4', c4, 1e-13)

test('the five-point Gauss–Legendre rule is the published one', () => {
  const { nodes, weights } = gaussLegendre(5)
  const [expectedNodes, expectedWeights] = values.gaussLegendre5 as [Row, Row]
  nodes.forEach((node, i) => {
    assertClose(node, expectedNodes[i]!, 1e-15, { scale: 1 })
    assertClose(weights[i]!, expectedWeights[i]!, 1e-14)
  })
})

test('exp and ln answer at the edges of the doubles', () => {
  assert.equal(exp(1000), Number.POSITIVE_INFINITY)
  assert.equal(exp(-1000), 0)
  assert.equal(ln(0), Number.NEGATIVE_INFINITY)
  assert.ok(Number.isNaN(ln(-1)) && Number.isNaN(exp(Number.NaN)))
  assert.equal(ln(1), 0)
  assert.equal(exp(0), 1)
})

test('both tails of the normal and of t add up to 1', () => {
  for (const x of [-3, -1, 0, 0.7, 2.2]) {
    assertClose(normalCdf(x) + normalSf(x), 1, 1e-15)
    assertClose(studentCdf(x, 3) + studentSf(x, 3), 1, 1e-14)
  }
})

test('the normal score of t is within 1.5 % of the exact one from 5 degrees on, 3.5 % at 3, and inverts', () => {
  for (const degrees of [3, 5, 10, 40])
    for (const p of [0.99, 0.999, 0.99999]) {
      const t = studentQuantile(p, degrees)
      assertClose(normalScoreOfT(t, degrees), normalQuantile(p), degrees < 5 ? 0.035 : 0.015)
      assertClose(tOfNormalScore(normalScoreOfT(-t, degrees), degrees), -t, 1e-11)
    }
})
