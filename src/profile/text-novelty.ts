import { addCount, type CountTable, countOf, countTable } from './count-table.ts'
import { hash53 } from './hash53.ts'

const TRIGRAM_BUDGET = 1 << 16
const WORD_BUDGET = 1 << 17
/** Texts longer than this are read up to here. */
const MAX_TEXT = 120
const MIN_NEAR_MISS = 4

/** Vocabulary of past texts: trigrams, words, and words with one character left out (for near misses). */
export interface TextHistory {
  readonly trigrams: CountTable
  readonly words: CountTable
  readonly wildcards: CountTable
  /** Hashes of texts already read, so that a repeated value costs one look-up. */
  readonly known: CountTable
}

/** An empty vocabulary. */
export const textHistory = (): TextHistory => ({
  trigrams: countTable(TRIGRAM_BUDGET),
  words: countTable(WORD_BUDGET),
  wildcards: countTable(WORD_BUDGET * 4),
  known: countTable(WORD_BUDGET),
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

/** Trigrams of a text padded with one space on each side. */
function* trigramsOf(text: string): Generator<string> {
  const padded = ` ${text.slice(0, MAX_TEXT)} `
  for (let i = 0; i + 3 <= padded.length; i++) yield padded.slice(i, i + 3)
}

const wordsOf = (text: string): readonly string[] => text.slice(0, MAX_TEXT).split(/\s+/).filter(Boolean)

function* wildcardsOf(word: string): Generator<string> {
  for (let i = 0; i < word.length; i++) yield `${word.slice(0, i)}\0${word.slice(i + 1)}`
}

/** True while every piece of the vocabulary is kept: beyond its budget, "never seen" would mean nothing. */
export const isComplete = (history: TextHistory): boolean =>
  history.trigrams.level === 0 && history.words.level === 0

/** Adds texts to the vocabulary. */
export function learnTexts(history: TextHistory, texts: readonly string[]): void {
  if (!isComplete(history)) return
  for (const text of texts) {
    const hash = hash53(text)
    if (countOf(history.known, hash) > 0) continue
    addCount(history.known, hash, 1)
    for (const trigram of trigramsOf(text)) addCount(history.trigrams, hash53(trigram), 1)
    for (const word of wordsOf(text)) learnWord(history, word)
  }
}

function learnWord(history: TextHistory, word: string): void {
  const hash = hash53(word)
  const isNew = countOf(history.words, hash) === 0
  addCount(history.words, hash, 1)
  if (!isNew || word.length < MIN_NEAR_MISS || word.length > 24) return
  for (const wildcard of wildcardsOf(word)) addCount(history.wildcards, hash53(wildcard), 1)
}

/** Compares one text with the vocabulary. */
export function textNovelty(history: TextHistory, text: string): TextNovelty {
  let trigrams = 0
  for (const trigram of trigramsOf(text)) if (countOf(history.trigrams, hash53(trigram)) === 0) trigrams++
  const unseen = wordsOf(text).filter((word) => countOf(history.words, hash53(word)) === 0)
  return { trigrams, words: unseen.length, nearMiss: unseen.some((word) => isNearMiss(history, word)) }
}

function isNearMiss(history: TextHistory, word: string): boolean {
  if (word.length < MIN_NEAR_MISS || word.length > 24 || history.wildcards.level > 0) return false
  for (const wildcard of wildcardsOf(word)) if (countOf(history.wildcards, hash53(wildcard)) > 0) return true
  return false
}
