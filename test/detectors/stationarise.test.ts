import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Scale } from '../../src/data/metric.ts'
import {
  destationarise,
  materialityFloor,
  rangeOf,
  samplingVariance,
  stationarise,
} from '../../src/detectors/stationarise.ts'
import { random } from '../../src/math/random.ts'
import { assertClose } from '../math/close.ts'

const DOMAINS: Readonly<Record<Scale, readonly [number, number]>> = {
  rate: [0, 1],
  log: [1e-6, 1e12],
  level: [-1e6, 1e6],
  correlation: [-0.995, 0.995],
  asinh: [-1e9, 1e9],
}

for (const [scale, [min, max]] of Object.entries(DOMAINS) as [Scale, readonly [number, number]][]) {
  test(`${scale}: what is made stationary can be read back, in order, inside its range`, () => {
    fc.assert(
      fc.property(fc.double({ min, max, noNaN: true }), fc.double({ min, max, noNaN: true }), (a, b) => {
        const level = stationarise(a, { scale })
        assertClose(destationarise(level, { scale }), a, 1e-9, { scale: 1e-3 })
        if (a < b) assert.ok(level <= stationarise(b, { scale }))
        const [low, high] = rangeOf(scale)
        assert.ok(level >= low - 1e-12 && level <= high + 1e-12)
      }),
    )
  })
}

test('values outside a scale are taken as its nearest end, and levels beyond it lead back there', () => {
  assert.equal(stationarise(-0.1, { scale: 'rate' }), stationarise(0, { scale: 'rate' }))
  assert.equal(stationarise(0, { scale: 'log' }), stationarise(1e-6, { scale: 'log' }))
  assert.equal(stationarise(1, { scale: 'correlation' }), stationarise(0.995, { scale: 'correlation' }))
  assert.equal(destationarise(5, { scale: 'rate' }), 1)
  assert.equal(destationarise(-5, { scale: 'rate' }), 0)
})

test('the sampling variance of a rate is what binomial draws show', () => {
  const draw = random('binomial')
  for (const [rate, rows] of [
    [0.02, 2000],
    [0.3, 500],
    [0.9, 1000],
  ] as const) {
    let sum = 0
    let squares = 0
    for (let trial = 0; trial < 2000; trial++) {
      let hits = 0
      for (let row = 0; row < rows; row++) hits += Number(draw() < rate)
      const level = stationarise(hits / rows, { scale: 'rate' })
      sum += level
      squares += level * level
    }
    const variance = squares / 2000 - (sum / 2000) ** 2
    assertClose(
      samplingVariance('rate', stationarise(rate, { scale: 'rate' }), { support: rows, past: 0 }),
      variance,
      0.12,
    )
  }
})

test('fewer rows mean more sampling variance, and a rate of 0 is never certain', () => {
  const zero = stationarise(0, { scale: 'rate' })
  assert.ok(
    samplingVariance('rate', zero, { support: 10, past: 0 }) >
      samplingVariance('rate', zero, { support: 10, past: 990 }),
  )
  assert.ok(samplingVariance('rate', zero, { support: 10, past: 0 }) > materialityFloor('rate', zero) ** 2)
  assertClose(samplingVariance('correlation', 0, { support: 103, past: 0 }), 0.01, 1e-12)
  assert.equal(samplingVariance('level', 0, { support: 10, past: 0 }), 0)
})

test('the asinh scale is linear near the centre of its frame and logarithmic far out', () => {
  const framed = { scale: 'asinh', frame: { center: 10, spread: 2 } } as const
  assert.equal(stationarise(10, framed), 0)
  assertClose(stationarise(10.002, framed), 0.001, 1e-6)
  assertClose(stationarise(10 + 2e6, framed) - stationarise(10 + 1e6, framed), Math.LN2, 1e-9)
  assertClose(stationarise(13, framed), Math.asinh(1.5), 1e-14)
  assertClose(destationarise(stationarise(-7, framed), framed), -7, 1e-12)
})
