import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitAverageKnn, peerVector } from '../../bench/peers/average-knn.ts'
import { createDictionary, unpack } from '../../bench/twins/keep.ts'
import { tableOf } from '../../src/corruption/table.ts'
import type { Metric } from '../../src/data/metric.ts'

test('the average of five neighbours has the threshold and the distance of scikit-learn 1.2.1', () => {
  const training = Array.from({ length: 9 }, (_, i) => Float64Array.of(i, (i * i) % 7, 3))
  const peer = fitAverageKnn(training)
  assert.ok(Math.abs(peer.threshold - 0.6527801969122523) < 1e-12)
  assert.ok(Math.abs(peer.score(Float64Array.of(12, 2, 3)) - 0.8315518315266935) < 1e-12)
})

test('the vector of a batch holds the metrics of the paper, column after column', () => {
  const sample = { ...tableOf({ n: [1, 2, null, 3], t: ['ab', 'ab', 'ab', null] }), of: 4 }
  const vector = peerVector(sample, { columns: ['n', 't'], numeric: new Set(['n']) })
  // Completeness, distinct, share of the top; minimum, maximum, mean, deviation.
  assert.deepEqual([...vector.subarray(0, 7)], [0.75, 3, 0.25, 1, 3, 2, Math.sqrt(2 / 3)])
  // " ab ": both trigrams occur as often as each of their pairs, so that nothing is peculiar.
  assert.deepEqual([...vector.subarray(7)], [0.75, 1, 0.75, 0])
})

test('kept measurements come back bit for bit, whatever their frames', () => {
  const metric = (name: string, value: number, spread?: number): Metric => ({
    name,
    dimension: 'integrity',
    entity: 'column',
    instance: 'n',
    columns: ['n'],
    value,
    support: 7,
    side: 'both',
    ...(spread === undefined ? { scale: 'rate' } : { scale: 'asinh', frame: { center: 0.1, spread } }),
  })
  const measured = {
    metrics: [metric('a', 0.1 + 0.2), metric('b', -0, 3), metric('b', 5e-324, 4)],
    absolute: [],
  }
  const dictionary = createDictionary()
  const packed = dictionary.pack(measured)
  assert.deepEqual(unpack(packed, dictionary.constants), measured)
})
