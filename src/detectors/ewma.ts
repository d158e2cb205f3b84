import { centerAndSigma, spreadParam } from './control-chart.ts'
import { defineDetector } from './detector.ts'

/**
 * An exponentially weighted mean of the next values, started at the centre, against its own limits.
 *
 * Sees lasting changes of half to two standard deviations several times sooner than `control-chart`; a single wild
 * value less well. `average-run-length.ts` gives the limit for a wanted rate of false alarms.
 */
export const ewma = defineDetector({
  kind: 'series',
  name: 'ewma',
  summary: 'Exponentially weighted mean of the values, against limits of its own standard deviation.',
  reference: 'Roberts (1959), Control chart tests based on geometric moving averages',
  minPast: 4,
  params: {
    gain: {
      kind: 'number',
      default: 0.1,
      min: 0.01,
      max: 1,
      search: [0.05, 0.4],
      about: 'Weight of the newest value; smaller sees smaller and slower changes.',
    },
    limit: {
      kind: 'number',
      default: 2.814,
      min: 0.5,
      max: 20,
      search: [2, 5],
      about:
        'Standard deviations of the mean to the limits; 2.814 at gain 0.1 gives a false alarm every 500 values.',
    },
    spread: spreadParam,
  },
  fit: (past, { gain, limit, spread }) => ({ ...centerAndSigma(past, spread), gain, limit }),
  plot({ center, gain }, next) {
    let weighted = center
    return next.map((value) => (weighted += gain * (value - weighted)))
  },
  limits({ center, sigma, gain, limit }) {
    const reach = limit * sigma * Math.sqrt(gain / (2 - gain))
    return { centerLine: center, upperLimit: center + reach, lowerLimit: center - reach }
  },
})
