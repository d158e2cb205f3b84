import type { WeightedSample } from '../math/ecdf.ts'
import { wassersteinDistance, weightedDeviation } from '../math/ecdf.ts'
import { defineDetector } from './detector.ts'

/**
 * Area between the distribution functions of reference and batch, in standard deviations of the reference: how far the
 * average value had to move.
 *
 * Sees few values that moved far, which `kolmogorov-smirnov` does not; hence one wild value can dominate it. A constant
 * reference has no standard deviation: the unit is then the size of its value, or 1 for 0.
 */
export const wasserstein = defineDetector({
  kind: 'samples',
  name: 'wasserstein',
  summary: 'How far values moved on average, in standard deviations of the reference.',
  reference:
    'Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line',
  takes: 'numbers',
  params: {},
  fit(reference) {
    const [values, counts] = [Array.from(reference.values, Number), Array.from(reference.counts)]
    const deviation = weightedDeviation({ values, counts })
    return { values, counts, unit: deviation > 0 ? deviation : Math.abs(values[0]!) || 1 }
  },
  score: ({ unit, ...reference }, batch) => wassersteinDistance(reference, batch as WeightedSample) / unit,
})
