import type { SampleColumn } from '../data/profile.ts'
import { type CountTable, countOf, placeOf } from './count-table.ts'
import { type Draft, level, novelty, rate, upward } from './draft.ts'
import { VALUE_CLASSES, valueClasses } from './value-class.ts'

/** Past rows from which a combination of classes that was never seen means something. */
const KNOWN_ROWS = 200
/** A combination is rare when fewer than one past row in a thousand had it. */
const RARE = 1e-3

/** Rows per combination of the value classes of two columns, shape [VALUE_CLASSES × VALUE_CLASSES]; nulls included. */
export function classPairs(from: SampleColumn, to: SampleColumn): Uint32Array {
  const counts = new Uint32Array(VALUE_CLASSES * VALUE_CLASSES)
  const [a, b] = [valueClasses(from), valueClasses(to)]
  for (let row = 0; row < from.codes.length; row++)
    counts[a[from.codes[row]!]! * VALUE_CLASSES + b[to.codes[row]!]!]!++
  return counts
}

/** Keys of a count table are not 0. */
const keyOf = (pair: number): number => pair + 1

/** Adds the combinations of a batch to those of the past, and their rows under the key of all. */
export function learnClassPairs(past: CountTable, counts: Uint32Array): void {
  for (let pair = 0; pair < counts.length; pair++)
    if (counts[pair]! > 0) past.sums[placeOf(past, keyOf(pair))]! += counts[pair]!
}

/** How unlike the past the combinations of classes are: a text where the other column is never null, a sign, a format. */
export function classPairNovelty(past: CountTable, counts: Uint32Array): Draft[] {
  const known = past.sums.reduce((sum, rows) => sum + rows, 0)
  if (known < KNOWN_ROWS) return []
  let rows = 0
  let unseen = 0
  let rare = 0
  let surprise = 0
  for (let pair = 0; pair < counts.length; pair++) {
    const count = counts[pair]!
    if (count === 0) continue
    const before = countOf(past, keyOf(pair))
    rows += count
    if (before === 0) unseen += count
    if (before <= RARE * known) rare += count
    surprise -= count * Math.log10((before + 0.5) / (known + 1))
  }
  return [
    novelty('unseenClassPairFraction', unseen / rows, rows),
    novelty('rareClassPairFraction', rare / rows, rows),
    upward(level('classPairSurprise', surprise / rows, rows)),
  ]
}

/**
 * Among rows whose `from` repeats, the share whose `to` is null against most of their group, or is not against nulls.
 *
 * Where a group is all or nothing, as the lines of one invoice are, a single null tells.
 */
export function nullsAgainstGroup(from: SampleColumn, to: SampleColumn): Draft[] {
  const rows = new Uint32Array(from.values.length + 1)
  const nulls = new Uint32Array(from.values.length + 1)
  for (let row = 0; row < from.codes.length; row++) {
    const group = from.codes[row]!
    rows[group]!++
    if (to.codes[row] === 0) nulls[group]!++
  }
  let repeated = 0
  let against = 0
  for (let group = 1; group < rows.length; group++) {
    if (rows[group]! < 2) continue
    repeated += rows[group]!
    against += Math.min(nulls[group]!, rows[group]! - nulls[group]!)
  }
  return repeated === 0 ? [] : [rate('nullsAgainstGroupFraction', against / repeated, repeated)]
}
