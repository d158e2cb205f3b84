import { chiSquareSf } from '../math/gamma.ts'
import type { BinnedReference } from './bins.ts'
import { binReference, binsParam, binTogether } from './bins.ts'
import type { Sample } from './detector.ts'
import { defineDetector } from './detector.ts'

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

/** Pearson's χ² of the table [reference, batch] × bins, over bins that occur. */
function statistic(state: BinnedReference, sample: Sample) {
  const { reference, batch } = binTogether(state, sample)
  const [n, m] = [sumOf(reference), sumOf(batch)]
  let chiSquare = 0
  let occurring = 0
  for (let i = 0; i < reference.length; i++) {
    const both = reference[i]! + batch[i]!
    if (both === 0) continue
    occurring += 1
    // With two rows of a table, both cells of a column deviate by the same amount.
    chiSquare += (reference[i]! * m - batch[i]! * n) ** 2 / (n * m * both)
  }
  return { chiSquare, degrees: occurring - 1, rows: n + m }
}

/**
 * √(χ²/rows) of the two-row table of frequencies (Cramér's V), in [0, 1]: how much knowing the value tells of whether it
 * comes from the reference or the batch.
 *
 * Comparable between batches of about the same size; it shrinks when one side is much larger than the other. The p-value
 * is Pearson's, good when expected counts exceed about 5, and for large batches means nothing.
 */
export const chiSquare = defineDetector({
  kind: 'samples',
  name: 'chi-square',
  summary: 'Association between value and side (reference or batch), from 0 to 1.',
  reference:
    'Pearson (1900), On the criterion. Phil. Mag. 50; Cramér (1946), Mathematical Methods of Statistics, §21.9',
  takes: 'numbers and texts',
  params: { bins: binsParam },
  fit: (reference, { bins }) => binReference(reference, bins),
  score(state, batch) {
    const { chiSquare, rows } = statistic(state, batch)
    return Math.sqrt(chiSquare / rows)
  },
  pValue(state, batch) {
    const { chiSquare, degrees } = statistic(state, batch)
    return degrees === 0 ? 1 : chiSquareSf(chiSquare, degrees)
  },
})
