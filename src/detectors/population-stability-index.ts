import { binReference, binsParam, binTogether, fractions } from './bins.ts'
import { defineDetector } from './detector.ts'

/** Added to every bin, so that an empty one gives a large number and not an infinite one. */
const HALF_A_ROW = 0.5

const smoothed = (counts: readonly number[]): number[] => fractions(counts.map((count) => count + HALF_A_ROW))

/**
 * Σ (q − p)·ln(q/p) over bins: 0 when equal; by custom a change is worth a look above 0.1 and large above 0.25.
 *
 * Custom assumes about ten bins and many rows: with few rows per bin it is large without any change.
 */
export const populationStabilityIndex = defineDetector({
  kind: 'samples',
  name: 'population-stability-index',
  summary: 'Sum over bins of the change in share times its logarithm.',
  reference:
    'Jeffreys (1946), An invariant form for the prior probability in estimation problems; Siddiqi (2006), Credit Risk Scorecards',
  takes: 'numbers and texts',
  params: { bins: { ...binsParam, default: 10 } },
  fit: (reference, { bins }) => binReference(reference, bins),
  score(state, sample) {
    const { reference, batch } = binTogether(state, sample)
    const [p, q] = [smoothed(reference), smoothed(batch)]
    return p.reduce((sum, share, i) => sum + (q[i]! - share) * Math.log(q[i]! / share), 0)
  },
})
