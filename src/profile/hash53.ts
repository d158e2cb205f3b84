import { hashNumber, hashSlice, hashText, type TextSlice } from '../math/hash.ts'

const words = new Uint32Array(2)

/** The stable hash of a value as a 53-bit integer, whose low 32 bits are those that frequencies are levelled by. */
export function hash53(value: number | string): number {
  if (typeof value === 'number') hashNumber(value, words, 0)
  else hashText(value, words, 0)
  return fromWords()
}

/** The stable hash of a part of a text: that of the text it would be. */
export function sliceHash53(slice: TextSlice): number {
  hashSlice(slice, words, 0)
  return fromWords()
}

const fromWords = (): number => (words[1]! & 0x1fffff) * 2 ** 32 + words[0]!
