import { addKey, type CountTable, countTable, empty, hasKey } from './count-table.ts'
import { hash53 } from './hash53.ts'

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
 * Trigrams of a text padded with one space on each side, each as its three code units in one number.
 *
 * Any digit counts as 0: a counter goes through every trigram of digits in its time, and that tells nothing.
 */
function* trigramsOf(text: string): Generator<number> {
  const length = Math.min(text.length, MAX_TEXT)
  let [first, second] = [SPACE, text.length > 0 ? letterAt(text, 0) : SPACE]
  for (let i = 1; i <= length; i++) {
    const third = i < length ? letterAt(text, i) : SPACE
    yield (((1 << 16) | first) * 2 ** 16 + second) * 2 ** 16 + third
    first = second
    second = third
  }
}

const DIGITS = /[0-9]/g
const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39

function letterAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit >= ZERO && unit <= NINE ? ZERO : unit
}

const wordsOf = (text: string): readonly string[] => text.slice(0, MAX_TEXT).split(/\s+/).filter(Boolean)

function* wildcardsOf(word: string): Generator<string> {
  for (let i = 0; i < word.length; i++) yield `${word.slice(0, i)}\0${word.slice(i + 1)}`
}

/** True while every piece of the vocabulary is kept: beyond its budget, "never seen" would mean nothing. */
export const isComplete = (history: TextHistory): boolean =>
  history.trigrams.level === 0 && history.words.level === 0

/** Adds texts to the vocabulary, which is emptied for good once it outgrows its budget. */
export function learnTexts(history: TextHistory, texts: Iterable<string>): void {
  const shapes = new Set<string>()
  for (const text of texts) {
    if (!isComplete(history)) break
    // Texts that differ in digits only have the same trigrams.
    const shape = text.replace(DIGITS, '0')
    if (shapes.size < shapes.add(shape).size)
      for (const trigram of trigramsOf(text)) addKey(history.trigrams, trigram)
    for (const word of wordsOf(text)) learnWord(history, word)
  }
  if (!isComplete(history))
    for (const table of [history.trigrams, history.words, history.wildcards]) empty(table)
}

function learnWord(history: TextHistory, word: string): void {
  const isNew = addKey(history.words, hash53(word))
  if (!isNew || !hasNearMisses(word) || history.wildcards.level > 0) return
  for (const wildcard of wildcardsOf(word)) addKey(history.wildcards, hash53(wildcard))
  if (history.wildcards.level > 0) empty(history.wildcards)
}

const hasNearMisses = (word: string): boolean => word.length >= MIN_NEAR_MISS && word.length <= 24

/** Compares one text with the vocabulary. */
export function textNovelty(history: TextHistory, text: string): TextNovelty {
  let trigrams = 0
  for (const trigram of trigramsOf(text)) if (!hasKey(history.trigrams, trigram)) trigrams++
  const unseen = wordsOf(text).filter((word) => !hasKey(history.words, hash53(word)))
  return { trigrams, words: unseen.length, nearMiss: unseen.some((word) => isNearMiss(history, word)) }
}

function isNearMiss(history: TextHistory, word: string): boolean {
  if (!hasNearMisses(word) || history.wildcards.level > 0) return false
  for (const wildcard of wildcardsOf(word)) if (hasKey(history.wildcards, hash53(wildcard))) return true
  return false
}
