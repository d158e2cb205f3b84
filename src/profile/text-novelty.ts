import type { TextSlice } from '../math/hash.ts'
import { addKey, type CountTable, countTable, empty, hasKey } from './count-table.ts'
import { sliceHash53 } from './hash53.ts'

const TRIGRAM_BUDGET = 1 << 16
const WORD_BUDGET = 1 << 17
/** Texts longer than this are read up to here. */
const MAX_TEXT = 120
const MIN_NEAR_MISS = 4

/** Vocabulary of past texts, as sets: trigrams, words, and words with one character left out (for near misses). */
export interface TextHistory {
  readonly trigrams: CountTable
  readonly words: CountTable
  readonly wildcards: CountTable
}

/** An empty vocabulary. */
export const textHistory = (): TextHistory => ({
  trigrams: countTable(TRIGRAM_BUDGET, 0),
  words: countTable(WORD_BUDGET, 0),
  wildcards: countTable(WORD_BUDGET * 4, 0),
})

/** How unlike the past a never-seen text is. */
export interface TextNovelty {
  /** Trigrams never seen. */
  readonly trigrams: number
  /** Words never seen. */
  readonly words: number
  /** True when an unseen word is one substitution away from a known one: a likely typo. */
  readonly nearMiss: boolean
}

/**
 * Visits the trigrams of a text padded with one space on each side, each as its three code units in one number.
 *
 * Any digit counts as 0: a counter goes through every trigram of digits in its time, and that tells nothing.
 */
function eachTrigram(text: string, visit: (trigram: number) => void): void {
  const length = Math.min(text.length, MAX_TEXT)
  let first = SPACE
  let second = text.length > 0 ? letterAt(text, 0) : SPACE
  for (let i = 1; i <= length; i++) {
    const third = i < length ? letterAt(text, i) : SPACE
    visit((((1 << 16) | first) * 2 ** 16 + second) * 2 ** 16 + third)
    first = second
    second = third
  }
}

const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39

function letterAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit >= ZERO && unit <= NINE ? ZERO : unit
}

/** Visits the words of a text by where they start and end: hashed in place, they need not be cut out. */
function eachWord(text: string, visit: (start: number, end: number) => void): void {
  const length = Math.min(text.length, MAX_TEXT)
  for (let at = 0, start = 0; at <= length; at++) {
    if (at < length && !isSpace(text.charCodeAt(at))) continue
    if (at > start) visit(start, at)
    start = at + 1
  }
}

/** White space as ECMAScript defines it; a test of each character by a regular expression costs much more. */
const isSpace = (unit: number): boolean =>
  unit <= SPACE
    ? unit === SPACE || (unit >= 0x09 && unit <= 0x0d)
    : unit >= 0xa0 && OTHER_SPACES.includes(unit)

const OTHER_SPACES = [
  ...'\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff',
].map((space) => space.charCodeAt(0))

/** True while every piece of the vocabulary is kept: beyond its budget, "never seen" would mean nothing. */
export const isComplete = (history: TextHistory): boolean =>
  history.trigrams.level === 0 && history.words.level === 0

/** Adds texts to the vocabulary, which is emptied for good once it outgrows its budget. */
export function learnTexts(history: TextHistory, texts: readonly string[]): void {
  for (const text of texts) {
    if (!isComplete(history)) break
    eachTrigram(text, (trigram) => addKey(history.trigrams, trigram))
    eachWord(text, (start, end) => learnWord(history, { text, start, end }))
  }
  if (!isComplete(history))
    for (const table of [history.trigrams, history.words, history.wildcards]) empty(table)
}

function learnWord({ words, wildcards }: TextHistory, word: TextSlice): void {
  const isNew = addKey(words, sliceHash53(word))
  if (!isNew || !hasNearMisses(word) || wildcards.level > 0) return
  for (let blank = word.start; blank < word.end; blank++) addKey(wildcards, sliceHash53({ ...word, blank }))
  if (wildcards.level > 0) empty(wildcards)
}

const hasNearMisses = ({ start, end }: TextSlice): boolean =>
  end - start >= MIN_NEAR_MISS && end - start <= 24

/** Compares one text with the vocabulary. */
export function textNovelty(history: TextHistory, text: string): TextNovelty {
  let trigrams = 0
  eachTrigram(text, (trigram) => {
    if (!hasKey(history.trigrams, trigram)) trigrams++
  })
  let words = 0
  let nearMiss = false
  eachWord(text, (start, end) => {
    if (hasKey(history.words, sliceHash53({ text, start, end }))) return
    words++
    nearMiss ||= isNearMiss(history, { text, start, end })
  })
  return { trigrams, words, nearMiss }
}

function isNearMiss({ wildcards }: TextHistory, word: TextSlice): boolean {
  if (!hasNearMisses(word) || wildcards.level > 0) return false
  for (let blank = word.start; blank < word.end; blank++)
    if (hasKey(wildcards, sliceHash53({ ...word, blank }))) return true
  return false
}
