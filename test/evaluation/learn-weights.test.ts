import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVEN_WEIGHTS, type HybridMember } from '../../src/data/hybrid.ts'
import { learnWeights, type WeighedScores, weightings } from '../../src/evaluation/learn-weights.ts'
import { random } from '../../src/math/random.ts'

/** Scores of batches of which each member of the hybrid says something: the largest of what is said, each as it counts. */
function batches(
  count: number,
  seed: string,
  said: (draw: () => number) => Partial<Record<HybridMember, number>>,
): readonly WeighedScores[] {
  const draw = random(seed)
  return Array.from({ length: count }, (_, i) => {
    const own = Object.entries(said(draw)) as [HybridMember, number][]
    const scores = weightings.map((weights) =>
      Math.max(...own.map(([member, nats]) => nats * (weights[member] ?? 1))),
    )
    return { place: i % 12, scores }
  })
}

test('a detector that only makes noise counts for less, one that tells faults for more', () => {
  const clean = batches(12, 'clean', (draw) => ({ charts: 2 * draw(), 'two-sample': 10 * draw() }))
  const spoiled = batches(600, 'spoiled', (draw) => ({ charts: 4 + 4 * draw(), 'two-sample': 10 * draw() }))
  const { weights, members, auc } = learnWeights(clean, spoiled, 1)
  assert.equal(weights['two-sample'], 0.5)
  assert.equal(weights.charts, 1.5)
  assert.ok(auc > 0.5 && auc < 1)
  for (const { gain } of members) assert.ok(gain.low <= gain.value && gain.value <= gain.high)
})

test('where all tell the same, every detector counts once', () => {
  const clean = batches(12, 'clean', (draw) => ({ charts: 3 * draw(), 'pair-charts': 3 * draw() }))
  const spoiled = batches(600, 'spoiled', (draw) => ({ charts: 5 * draw(), 'pair-charts': 5 * draw() }))
  assert.deepEqual(learnWeights(clean, spoiled, 1).weights, EVEN_WEIGHTS)
})

test('detectors that do not speak here are not weighed, and few clean batches teach nothing', () => {
  const clean = batches(12, 'clean', (draw) => ({ charts: 3 * draw() }))
  const spoiled = batches(60, 'spoiled', (draw) => ({ charts: 6 * draw() }))
  const { members } = learnWeights(clean, spoiled, 1)
  assert.deepEqual(
    members.map(({ member }) => member),
    ['charts'],
  )
  assert.deepEqual(learnWeights(clean.slice(0, 7), spoiled, 1).members, [])
  assert.deepEqual(learnWeights(clean, [], 1).weights, EVEN_WEIGHTS)
})

test('the same trials and seed teach the same', () => {
  const clean = batches(12, 'clean', (draw) => ({ charts: 3 * draw(), 'pair-charts': 2 * draw() }))
  const spoiled = batches(100, 'spoiled', (draw) => ({ charts: 6 * draw(), 'pair-charts': 2 * draw() }))
  assert.deepEqual(learnWeights(clean, spoiled, 'a'), learnWeights(clean, spoiled, 'a'))
})
