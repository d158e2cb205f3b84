import { test } from 'node:test'
import {
  cusumLimit,
  cusumRunLength,
  ewmaLimit,
  ewmaRunLength,
  shewhartLimit,
  shewhartRunLength,
} from '../../src/detectors/average-run-length.ts'
import { controlChart } from '../../src/detectors/control-chart.ts'
import { cusum } from '../../src/detectors/cusum.ts'
import { ewma } from '../../src/detectors/ewma.ts'
import { random, randomNormal } from '../../src/math/random.ts'
import { assertClose } from '../math/close.ts'

const SHIFTS = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4] as const

/** Simulated runs per chart: their mean is within 10 % of the truth. */
const RUNS = 1000

/** Within half a unit of the last digit that the table prints, or 1 % where the table itself was rounded twice. */
function agrees(lengthAt: (shift: number) => number, table: readonly number[]): void {
  table.forEach((printed, i) => {
    assertClose(lengthAt(SHIFTS[i]!), printed, 0.012, { scale: 5, what: `shift ${SHIFTS[i]}` })
  })
}

test('EWMA run lengths are those of Lucas and Saccucci (1990), table 3', () => {
  agrees(
    (shift) => ewmaRunLength({ gain: 0.1, limit: 2.814 }, shift),
    [500, 106, 31.3, 15.9, 10.3, 6.1, 4.4, 3.4, 2.9, 2.2],
  )
  agrees(
    (shift) => ewmaRunLength({ gain: 0.25, limit: 2.998 }, shift),
    [500, 170, 48.2, 20.1, 11.1, 5.5, 3.6, 2.7, 2.3, 1.7],
  )
  agrees(
    (shift) => ewmaRunLength({ gain: 0.4, limit: 3.054 }, shift),
    [500, 224, 71.2, 28.4, 14.3, 5.9, 3.5, 2.5, 2, 1.4],
  )
})

test('CUSUM run lengths are those of Montgomery (2009), table 9.3', () => {
  agrees(
    (shift) => cusumRunLength({ allowance: 0.5, limit: 4 }, shift),
    [168, 74.2, 26.6, 13.3, 8.38, 4.75, 3.34, 2.62, 2.19, 1.71],
  )
  agrees(
    (shift) => cusumRunLength({ allowance: 0.5, limit: 5 }, shift),
    [465, 139, 38, 17, 10.4, 5.75, 4.01, 3.11, 2.57, 2.01],
  )
})

test('run lengths of good data are right to five digits', () => {
  assertClose(shewhartRunLength(3), 370.398, 1e-6)
  assertClose(ewmaRunLength({ gain: 0.1, limit: 2.814 }), 499.58, 2e-5)
  assertClose(ewmaRunLength({ gain: 0.1, limit: 2.7 }), 368.99, 2e-5)
  assertClose(cusumRunLength({ allowance: 0.5, limit: 5 }), 465.44, 2e-5)
  assertClose(cusumRunLength({ allowance: 0.5, limit: 4 }), 167.68, 3e-5)
  assertClose(shewhartRunLength(3, 1), 43.895, 1e-4)
})

test('the limit for a wanted run length gives that run length', () => {
  for (const runLength of [20, 370.4, 5000]) {
    assertClose(shewhartRunLength(shewhartLimit(runLength)), runLength, 1e-10)
    assertClose(ewmaRunLength({ gain: 0.1, limit: ewmaLimit(0.1, runLength) }), runLength, 1e-6)
    assertClose(cusumRunLength({ allowance: 0.5, limit: cusumLimit(0.5, runLength) }), runLength, 1e-6)
  }
  assertClose(shewhartLimit(370.398), 3, 1e-6)
})

test('the charts themselves alarm as often as their run length says', (t) => {
  const draw = random('run lengths')
  // Past values with median 0 and a median absolute deviation of one standard deviation.
  const past = [-3, -1 / 1.482602218505602, 0, 0, 1 / 1.482602218505602, 3].flatMap((x) => [x, x])
  for (const [detector, settings, expected] of [
    [controlChart, { limit: 2, spread: 'mad' }, shewhartRunLength(2)],
    [ewma, { gain: 0.2, limit: 2 }, ewmaRunLength({ gain: 0.2, limit: 2 })],
    [cusum, { allowance: 0.5, limit: 3 }, cusumRunLength({ allowance: 0.5, limit: 3 })],
  ] as const) {
    const fitted = detector.fit(past, settings)
    const { centerLine, upperLimit } = fitted.limits
    let total = 0
    for (let run = 0; run < RUNS; run++) {
      const next = Array.from({ length: 1000 }, () => randomNormal(draw))
      const first = fitted
        .plot(next)
        .findIndex((point) => Math.abs(point - centerLine) > upperLimit - centerLine)
      total += first < 0 ? 1000 : first + 1
    }
    t.diagnostic(`${detector.name}: ${(total / RUNS).toFixed(1)}, expected ${expected.toFixed(1)}`)
    assertClose(total / RUNS, expected, 0.1)
  }
})
