import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { learnTexts, textHistory, textNovelty } from '../../src/profile/text-novelty.ts'

const noveltyOf = (text: string, ...past: string[]) => {
  const history = textHistory()
  learnTexts(history, past)
  return textNovelty(history, text)
}

test('words are what white space of any script parts', () => {
  const unit = fc.constantFrom(
    ...'ab1\t\n\r \u00a0\u1680\u2000\u200a\u200b\u2028\u202f\u205f\u3000\ufeff\u0085é',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 140 }), (text) => {
      const { words } = noveltyOf(text)
      assert.equal(words, text.slice(0, 120).split(/\s+/).filter(Boolean).length)
    }),
  )
})

test('a text learnt has nothing new, and another number in it only a new word', () => {
  const past = ['order 1234 of shop', '', ' ', '😀 été']
  for (const text of past)
    assert.deepEqual(noveltyOf(text, ...past), { trigrams: 0, words: 0, nearMiss: false })
  assert.deepEqual(noveltyOf('order 98765 of shop', ...past), { trigrams: 0, words: 1, nearMiss: false })
})

test('a word one substitution away from a known one is a near miss; two away, or too short, it is none', () => {
  const nearMiss = (text: string) => noveltyOf(text, 'the order of shop').nearMiss
  assert.equal(nearMiss('an ordar'), true)
  assert.equal(nearMiss('an ardar'), false)
  assert.equal(nearMiss('tho'), false)
})
