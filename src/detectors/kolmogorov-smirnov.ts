import type { WeightedSample } from '../math/ecdf.ts'
import { ksDistance, sampleSize } from '../math/ecdf.ts'
import { ksPValue } from '../math/kolmogorov.ts'
import { defineDetector } from './detector.ts'

/**
 * Largest gap D between the distribution functions of reference and batch, in [0, 1].
 *
 * Sees shifts and changes of shape alike, and is the same in any unit; weak in the tails, where `wasserstein` looks. The
 * p-value is exact up to 10 000 rows a side, and for large batches means nothing: chart D.
 */
export const kolmogorovSmirnov = defineDetector({
  kind: 'samples',
  name: 'kolmogorov-smirnov',
  summary: 'Largest gap between the distribution functions of reference and batch.',
  reference:
    'Smirnov (1948), Table for estimating the goodness of fit of empirical distributions. Ann. Math. Stat. 19(2)',
  takes: 'numbers',
  params: {},
  fit: ({ values, counts }) => ({ values: Array.from(values, Number), counts: Array.from(counts) }),
  score: (state, batch) => ksDistance(state, batch as WeightedSample),
  pValue: (state, batch) =>
    ksPValue(
      ksDistance(state, batch as WeightedSample),
      sampleSize(state),
      sampleSize(batch as WeightedSample),
    ),
})
