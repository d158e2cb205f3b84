import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeProfile } from '../../src/profile/codec.ts'
import { profileSample } from '../../src/profile/profile-sample.ts'
import { takeRows } from '../../src/profile/take-rows.ts'
import { sampleOf } from './sample-of.ts'
import { upTo } from './views.ts'

const ROWS = 300
const sample = sampleOf({
  amount: { type: 'DOUBLE', cells: upTo(ROWS, (i) => (i % 7 === 0 ? null : ((i * 37) % 101) / 4 - 9)) },
  odd: { type: 'DOUBLE', cells: upTo(ROWS, (i) => [Number.NaN, Infinity, -0, 2 ** 60][i % 4]!) },
  at: { type: 'TIMESTAMP', cells: upTo(ROWS, (i) => Date.UTC(2024, 0, 1 + (i % 50))) },
  name: { type: 'VARCHAR', cells: upTo(ROWS, (i) => (i % 5 === 0 ? 'x'.repeat(300) + i : `Item ${i % 40}`)) },
})

const groups = [0, 1, 2].map((group) => Uint32Array.from({ length: 100 }, (_, i) => 3 * i + group))

test('the profile of some rows is that of a sample of these rows', () => {
  for (const rows of groups)
    assert.deepEqual(
      encodeProfile(profileSample(sample, rows)),
      encodeProfile(profileSample(takeRows(sample, rows))),
    )
})

test('what is asked of a profile after others were made is still about its own rows', () => {
  const atOnce = groups.map((rows) => encodeProfile(profileSample(sample, rows)))
  const profiles = groups.map((rows) => profileSample(sample, rows))
  assert.deepEqual(profiles.map(encodeProfile), atOnce)
  assert.deepEqual(profiles.map(encodeProfile), atOnce)
})

test('a row named twice counts twice', () => {
  const { rows, duplicateRows, rowKeys } = profileSample(sample, [4, 4, 5])
  assert.deepEqual([rows, duplicateRows.value, [...rowKeys.counts].sort()], [3, 1, [1, 2]])
})
