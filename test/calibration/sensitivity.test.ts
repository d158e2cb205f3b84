import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowsPage, createPageCap, notePage } from '../../src/calibration/page-cap.ts'
import {
  formatSensitivity,
  parseSensitivity,
  restPerDay,
  type SensitivityText,
} from '../../src/calibration/sensitivity.ts'
import { DEFAULT_FLOORS } from '../../src/data/materiality.ts'

test('a sensitivity is read as people write it, shares become budgets, and it is written back', () => {
  const read = parseSensitivity({
    atMost: '2/week',
    strict: true,
    dimensions: { completeness: '25 %', conformity: '1/month' },
  })
  assert.deepEqual(read.dimensions, {
    completeness: { alerts: 0.5, per: 'week' },
    conformity: { alerts: 1, per: 'month' },
  })
  assert.ok(Math.abs(restPerDay(read) - (1.5 / 7 - 12 / 365.25)) < 1e-12)
  assert.deepEqual(parseSensitivity(formatSensitivity(read)), read)
  assert.deepEqual(formatSensitivity(parseSensitivity({ atMost: '1/day' })), { atMost: '1/day' })
})

test('floors are shares of the rows in tenths of a percent; those not named are as by default', () => {
  const read = parseSensitivity({ atMost: '2/week', floors: { completeness: '0%', integrity: '1.5 %' } })
  assert.deepEqual(read.floors, { ...DEFAULT_FLOORS, completeness: 0, integrity: 0.015 })
  assert.deepEqual(formatSensitivity(read).floors, { completeness: '0 %', integrity: '1.5 %' })
  assert.deepEqual(parseSensitivity(formatSensitivity(read)), read)
})

test('weights of detectors are kept, but for those that count once', () => {
  const read = parseSensitivity({ atMost: '2/week', weights: { 'two-sample': 0.5, charts: 1 } })
  assert.deepEqual(read.weights, { 'two-sample': 0.5 })
  assert.deepEqual(parseSensitivity(formatSensitivity(read)), read)
})

const refused: readonly (readonly [string, SensitivityText, RegExp])[] = [
  ['zero', { atMost: '0/week' }, /above 0/],
  ['negative', { atMost: '-1/week' }, /above 0/],
  ['an absurd unit', { atMost: '2/fortnight' }, /per day, week or month/],
  ['a share of nothing', { atMost: '2/week', dimensions: { integrity: '0 %' } }, /more than 0 %/],
  ['a share of all', { atMost: '2/week', dimensions: { integrity: '100%' } }, /less than 100 %/],
  ['more than the whole', { atMost: '1/week', dimensions: { integrity: '1/day' } }, /leave nothing/],
  [
    'shares that make the whole',
    { atMost: '1/week', dimensions: { integrity: '50 %', consistency: '50 %' } },
    /leave nothing/,
  ],
  ['a floor of half the rows and more', { atMost: '1/week', floors: { integrity: '60 %' } }, /0 % to 50 %/],
  ['a weight of nothing', { atMost: '1/week', weights: { charts: 0 } }, /0.1 to 10/],
  [
    'a detector that is none',
    { atMost: '1/week', weights: { oracle: 2 } as SensitivityText['weights'] },
    /no detector oracle/,
  ],
  ['a floor that is no share', { atMost: '1/week', floors: { integrity: 'small' } }, /'small'/],
  [
    'a floor finer than a tenth of a percent',
    { atMost: '1/week', floors: { integrity: '0.05 %' } },
    /tenths/,
  ],
  [
    'an unknown dimension',
    { atMost: '1/week', dimensions: { timeliness: '50 %' } as SensitivityText['dimensions'] },
    /no dimension timeliness/,
  ],
]
for (const [what, text, message] of refused)
  test(`${what} is refused, with the next step`, () => {
    assert.throws(() => parseSensitivity(text), { code: 'BAD_ARGUMENT', message, fix: /\w{4}/ })
  })

const at = (iso: string): number => Date.parse(iso)

test('a cap counts calendar weeks from Monday, and calendar months', () => {
  const weekly = createPageCap({ alerts: 2, per: 'week' })
  for (const day of ['2024-03-04', '2024-03-10']) notePage(weekly, at(`${day}T12:00Z`))
  assert.equal(allowsPage(weekly, at('2024-03-10T23:59Z')), false)
  assert.equal(allowsPage(weekly, at('2024-03-11T00:00Z')), true)
  const monthly = createPageCap({ alerts: 1, per: 'month' })
  notePage(monthly, at('2024-02-29T12:00Z'))
  assert.equal(allowsPage(monthly, at('2024-03-01T00:00Z')), true)
})

test('less than one a period is one in as many days as make it one', () => {
  const cap = createPageCap({ alerts: 0.5, per: 'week' })
  notePage(cap, at('2024-03-04T00:00Z'))
  assert.equal(allowsPage(cap, at('2024-03-17T23:59Z')), false)
  assert.equal(allowsPage(cap, at('2024-03-18T00:00Z')), true)
})
