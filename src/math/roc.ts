import { averageRanks } from './rank.ts'

/**
 * Area under the ROC curve: the chance that a spoiled batch scores above a clean one, ties counting half.
 *
 * @param clean - Scores of clean batches. NaN without any.
 * @param spoiled - Scores of spoiled ones. NaN without any.
 * @see Hanley & McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143(1).
 */
export function rocAuc(clean: ArrayLike<number>, spoiled: ArrayLike<number>): number {
  if (clean.length === 0 || spoiled.length === 0) return Number.NaN
  const ranks = averageRanks([...Array.from(clean), ...Array.from(spoiled)])
  let sum = 0
  for (let i = clean.length; i < ranks.length; i++) sum += ranks[i]!
  return (sum - (spoiled.length * (spoiled.length + 1)) / 2) / (clean.length * spoiled.length)
}

/**
 * Average precision: the precision at each spoiled batch, from the highest score down, averaged. Ties are taken together.
 *
 * @see Davis & Goadrich (2006), The relationship between precision-recall and ROC curves, ICML.
 */
export function averagePrecision(clean: ArrayLike<number>, spoiled: ArrayLike<number>): number {
  if (spoiled.length === 0) return Number.NaN
  const scored = [
    ...Array.from(clean, (score) => ({ score, hit: 0 })),
    ...Array.from(spoiled, (score) => ({ score, hit: 1 })),
  ].sort((a, b) => b.score - a.score)
  let seen = 0
  let hits = 0
  let area = 0
  for (let i = 0; i < scored.length; ) {
    const before = hits
    const { score } = scored[i]!
    for (; i < scored.length && scored[i]!.score === score; i++) {
      seen++
      hits += scored[i]!.hit
    }
    area += (hits - before) * (hits / seen)
  }
  return area / spoiled.length
}
