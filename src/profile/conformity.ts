import type { Metric } from '../data/metric.ts'
import type { NumberProfile, TextProfile } from '../data/profile.ts'
import type { ColumnHistory } from './column-history.ts'
import { countOf, hasKey, isKept } from './count-table.ts'
import { type Draft, framed, level, novelty, onColumn, rate, upward } from './draft.ts'
import { hash53 } from './hash53.ts'
import type { History } from './history.ts'
import { isComplete, type TextHistory, textNovelty } from './text-novelty.ts'
import { type BatchView, type ColumnView, filledRows } from './view.ts'

/** Whether values keep to the format of the past: types, patterns, lengths, alphabet, words, decimals. */
export function conformity(batch: BatchView, history: History): Metric[] {
  const metrics: Metric[] = []
  for (const [name, column] of batch.columns)
    metrics.push(...onColumn('conformity', name, columnDrafts(column, history.columns.get(name))))
  return metrics
}

function columnDrafts(column: ColumnView, history: ColumnHistory | undefined): Draft[] {
  const { profile } = column
  const drafts = [novelty('unreadableFraction', profile.invalid / profile.rows, profile.rows)]
  if (profile.number && profile.column.storage === 'number')
    drafts.push(...numberFormat(profile.number, profile.rows))
  if (!profile.text) return drafts
  drafts.push(...textShape(profile.text, profile.rows))
  if (history) drafts.push(...patternNovelty(column, history))
  if (history?.texts && history.batches > 0) drafts.push(...wordNovelty(column, history.texts, history))
  return drafts
}

function numberFormat(number: NumberProfile, rows: number): Draft[] {
  const [whole, one, two, more] = number.decimals
  const finite = Math.max(1, whole + one + two + more)
  return [
    rate('nonFiniteFraction', number.nonFinite / rows, rows),
    rate('wholeFraction', whole / finite, finite),
    rate('oneDecimalFraction', one / finite, finite),
    rate('twoDecimalsFraction', two / finite, finite),
    rate('moreDecimalsFraction', more / finite, finite),
  ]
}

function textShape(text: TextProfile, rows: number): Draft[] {
  const { mean, deviation, min, max } = lengthMoments(text)
  const { upper, lower, digit, space, other } = text.characters
  const characters = Math.max(1, upper + lower + digit + space + other)
  return [
    level('meanLength', mean, rows),
    framed('lengthDeviation', deviation, { center: 0, spread: 0.1 }, rows),
    level('minLength', min, rows),
    framed('maxLength', max, { center: 0, spread: 1 }, rows),
    rate('upperCaseShare', upper / characters, rows),
    rate('lowerCaseShare', lower / characters, rows),
    rate('digitShare', digit / characters, rows),
    rate('spaceShare', space / characters, rows),
    rate('otherCharacterShare', other / characters, rows),
  ]
}

function lengthMoments({ lengths }: TextProfile): {
  mean: number
  deviation: number
  min: number
  max: number
} {
  let rows = 0
  let sum = 0
  let squares = 0
  let min = Infinity
  let max = 0
  for (let i = 0; i < lengths.length.length; i++) {
    const length = lengths.length[i]!
    const count = lengths.count[i]!
    rows += count
    sum += length * count
    squares += length * length * count
    min = Math.min(min, length)
    max = Math.max(max, length)
  }
  if (rows === 0) return { mean: Number.NaN, deviation: Number.NaN, min: Number.NaN, max: Number.NaN }
  const mean = sum / rows
  return { mean, deviation: Math.sqrt(Math.max(0, squares / rows - mean * mean)), min, max }
}

/** A pattern is rare when fewer than one past row in a thousand had it. */
const RARE = 1e-3

function patternNovelty({ profile }: ColumnView, history: ColumnHistory): Draft[] {
  if (history.batches === 0 || history.patterns.level > 0) return []
  const { values, counts } = profile.text!.patterns
  const rows = Math.max(1, filledRows(profile))
  let unseen = 0
  let rare = 0
  let surprise = 0
  for (let i = 0; i < values.length; i++) {
    const past = countOf(history.patterns, hash53(values[i]!))
    if (past === 0) unseen += counts[i]!
    if (past <= RARE * history.filled) rare += counts[i]!
    surprise -= counts[i]! * Math.log10((past + 0.5) / (history.filled + 1))
  }
  return [
    novelty('unseenPatternFraction', unseen / rows, rows),
    novelty('rarePatternFraction', rare / rows, rows),
    upward(level('patternSurprise', surprise / rows, rows)),
  ]
}

function wordNovelty({ profile, hashes }: ColumnView, texts: TextHistory, history: ColumnHistory): Draft[] {
  if (!isComplete(texts)) return []
  const { values, counts } = profile.frequencies
  let total = 0
  let trigrams = 0
  let words = 0
  let nearMisses = 0
  let nearMissValues = 0
  for (let i = 0; i < values.length; i++) {
    total += counts[i]!
    if (!isKept(hashes[i]!, history.values.level) || hasKey(history.values, hashes[i]!)) continue
    const found = textNovelty(texts, values[i] as string)
    if (found.trigrams > 0) trigrams += counts[i]!
    if (found.words > 0) words += counts[i]!
    if (found.nearMiss) {
      nearMisses += counts[i]!
      nearMissValues++
    }
  }
  const rows = Math.max(1, total)
  return [
    novelty('unseenTrigramFraction', trigrams / rows, rows),
    novelty('unseenWordFraction', words / rows, rows),
    novelty('nearMissFraction', nearMisses / rows, rows),
    novelty('nearMissValueFraction', nearMissValues / Math.max(1, values.length), values.length),
  ]
}
