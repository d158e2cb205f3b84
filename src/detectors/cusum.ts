import { centerAndSigma, spreadParam } from './control-chart.ts'
import { defineDetector } from './detector.ts'

/**
 * Sums of what exceeds an allowance, upward and downward, started at 0; the larger of both is plotted with its sign, in
 * standard deviations.
 *
 * The quickest chart for a lasting change of known size (twice the allowance); slow to forget a single wild value.
 */
export const cusum = defineDetector({
  kind: 'series',
  name: 'cusum',
  summary: 'Cumulative sums of deviations beyond an allowance, upward and downward.',
  reference: 'Page (1954), Continuous inspection schemes. Biometrika 41',
  minPast: 4,
  params: {
    allowance: {
      kind: 'number',
      default: 0.5,
      min: 0.05,
      max: 3,
      search: [0.25, 1],
      about: 'Standard deviations forgiven at each value: half the change to be seen soonest.',
    },
    limit: {
      kind: 'number',
      default: 5,
      min: 0.5,
      max: 40,
      search: [3, 8],
      about:
        'Sum, in standard deviations, that alarms; 5 at allowance 0.5 gives a false alarm every 465 values.',
    },
    spread: spreadParam,
  },
  fit: (past, { allowance, limit, spread }) => ({ ...centerAndSigma(past, spread), allowance, limit }),
  plot({ center, sigma, allowance }, next) {
    let [up, down] = [0, 0]
    return next.map((value) => {
      const deviation = (value - center) / sigma
      up = Math.max(0, up + deviation - allowance)
      down = Math.max(0, down - deviation - allowance)
      return up >= down ? up : -down
    })
  },
  limits: ({ limit }) => ({ centerLine: 0, upperLimit: limit, lowerLimit: -limit }),
})
