import { binReference, binsParam, binTogether, fractions } from './bins.ts'
import { defineDetector } from './detector.ts'

/** p·log₂(p/m), and 0 for p = 0. */
const information = (p: number, m: number): number => (p > 0 ? p * Math.log2(p / m) : 0)

/**
 * Root of the Jensen–Shannon divergence in bits: a distance in [0, 1], 1 when nothing is shared.
 *
 * For frequencies of texts, or numbers cut into bins; values that only one side has are no problem. Does not know that
 * 1 and 2 are nearer than 1 and 9: for that, `wasserstein`.
 */
export const jensenShannon = defineDetector({
  kind: 'samples',
  name: 'jensen-shannon',
  summary: 'Distance between two frequency distributions, from 0 (equal) to 1 (nothing shared).',
  reference: 'Lin (1991), Divergence measures based on the Shannon entropy. IEEE Trans. Inf. Theory 37(1)',
  takes: 'numbers and texts',
  params: { bins: binsParam },
  fit: (reference, { bins }) => binReference(reference, bins),
  score(state, sample) {
    const { reference, batch } = binTogether(state, sample)
    const [p, q] = [fractions(reference), fractions(batch)]
    let divergence = 0
    for (let i = 0; i < p.length; i++) {
      const middle = (p[i]! + q[i]!) / 2
      divergence += (information(p[i]!, middle) + information(q[i]!, middle)) / 2
    }
    return Math.sqrt(Math.min(Math.max(divergence, 0), 1))
  },
})
