import { weightedQuantile } from '../math/quantile.ts'
import type { Sample } from './detector.ts'

/** A reference distribution over bins: texts each their own, numbers cut at quantiles. */
export type BinnedReference = {
  /** Upper ends of all bins but the last, ascending; null when the bins are texts. */
  readonly edges: readonly number[] | null
  readonly texts: readonly string[] | null
  readonly counts: readonly number[]
}

const isNumbers = (sample: Sample): sample is { values: ArrayLike<number>; counts: ArrayLike<number> } =>
  typeof sample.values[0] === 'number'

/** Cuts a reference sample into at most `bins` bins of about equal counts; texts are not cut. */
export function binReference(reference: Sample, bins: number): BinnedReference {
  if (!isNumbers(reference))
    return {
      edges: null,
      texts: [...(reference.values as readonly string[])],
      counts: Array.from(reference.counts),
    }
  const cuts = Array.from({ length: bins - 1 }, (_, i) => weightedQuantile(reference, (i + 1) / bins))
  const edges = [...new Set(cuts)]
  return { edges, texts: null, counts: countByEdges(reference, edges) }
}

/**
 * Counts a batch in the reference's bins: [reference, batch], shape [bins] each; texts that the reference never had
 * share one bin more. Numbers of a batch and texts of a reference (or the reverse) share nothing.
 */
export function binTogether(
  { edges, texts, counts }: BinnedReference,
  batch: Sample,
): { readonly reference: readonly number[]; readonly batch: readonly number[] } {
  if (edges && isNumbers(batch)) return { reference: counts, batch: countByEdges(batch, edges) }
  const at = new Map((texts ?? []).map((text, i) => [text, i]))
  const counted = new Array<number>(counts.length + 1).fill(0)
  for (let i = 0; i < batch.values.length; i++)
    counted[at.get(String(batch.values[i])) ?? counts.length]! += batch.counts[i]!
  return { reference: [...counts, 0], batch: counted }
}

function countByEdges(
  { values, counts }: { values: ArrayLike<number>; counts: ArrayLike<number> },
  edges: readonly number[],
): number[] {
  const counted = new Array<number>(edges.length + 1).fill(0)
  let bin = 0
  for (let i = 0; i < values.length; i++) {
    while (bin < edges.length && values[i]! > edges[bin]!) bin++
    counted[bin]! += counts[i]!
  }
  return counted
}

/** Bins numbers are cut into. */
export const binsParam = {
  kind: 'integer',
  default: 20,
  min: 2,
  max: 1000,
  search: [5, 50],
  about: 'Bins of equal count that numbers are cut into; texts are compared as they are.',
} as const

/** Counts as fractions of their sum. */
export function fractions(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => count / total)
}
