import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkedTimeZone, instantOf, periodKey, periodSpan, wallClock } from '../../src/sources/calendar.ts'
import { spanOfName } from '../../src/sources/name-time.ts'
import { compareNaturally } from '../../src/sources/natural-order.ts'
import { nearNames } from '../../src/sources/near-names.ts'
import { failure } from './workspace.ts'

const HOUR = 3_600_000
const hours = (local: string, zone: string, every: 'hour' | 'day' = 'day'): number => {
  const { startMs, endMs } = periodSpan(Date.parse(`${local}Z`), every, zone)
  return (endMs - startMs) / HOUR
}

test('days on which clocks change are 23 and 25 hours long', () => {
  assert.equal(hours('2024-03-31T00:00', 'Europe/Paris'), 23)
  assert.equal(hours('2024-10-27T00:00', 'Europe/Paris'), 25)
  assert.equal(hours('2024-03-10T00:00', 'America/New_York'), 23)
  assert.equal(hours('2024-11-03T00:00', 'America/New_York'), 25)
  assert.equal(hours('2024-10-27T00:00', 'UTC'), 24)
  assert.equal(hours('2024-10-27T02:00', 'Europe/Paris', 'hour'), 2)
})

test('days follow each other without gap or overlap in every zone, also where midnight is skipped', () => {
  const zones = [
    'Europe/Paris',
    'America/New_York',
    'America/Sao_Paulo',
    'Asia/Beirut',
    'Australia/Lord_Howe',
    'UTC',
  ]
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 10_000, max: 20_500 }), (zone, day) => {
      const span = periodSpan(day * 24 * HOUR, 'day', zone)
      assert.equal(span.endMs, periodSpan((day + 1) * 24 * HOUR, 'day', zone).startMs)
      assert.ok(span.endMs > span.startMs)
      assert.equal(Math.floor(wallClock(span.startMs, zone) / (24 * HOUR)), day)
    }),
  )
})

test('keys are ISO 8601', () => {
  const at = Date.parse('2024-12-30T05:00Z')
  assert.equal(periodKey(at, 'hour'), '2024-12-30T05')
  assert.equal(periodKey(at, 'day'), '2024-12-30')
  assert.equal(periodKey(at, 'week'), '2025-W01')
  assert.equal(periodKey(at, 'month'), '2024-12')
})

test('an unknown zone is refused', () => {
  assert.throws(() => checkedTimeZone('Mars/Olympus'), failure('BAD_CONFIG', 'Mars/Olympus', 'Europe/Paris'))
})

test('dates in names are read', () => {
  const start = (name: string): string | null => {
    const span = spanOfName(name, 'UTC')
    return (
      span && `${new Date(span.startMs).toISOString().slice(0, 13)}+${(span.endMs - span.startMs) / HOUR}`
    )
  }
  assert.equal(start('orders-2024-03-01.csv'), '2024-03-01T00+24')
  assert.equal(start('orders_20240301.csv'), '2024-03-01T00+24')
  assert.equal(start('2024-03.parquet'), `2024-03-01T00+${31 * 24}`)
  assert.equal(start('x-2024-W09.json'), '2024-02-26T00+168')
  assert.equal(start('2024-03-01T05.csv'), '2024-03-01T05+1')
  assert.equal(start('2023-01-01/orders-2024-03-01.csv'), '2024-03-01T00+24')
  assert.equal(start('orders-2024-02-30.csv'), null)
  assert.equal(start('orders-123456789.csv'), null)
  assert.equal(start('part-7.csv'), null)
  assert.equal(spanOfName('2024-07-01', 'Europe/Paris')!.startMs, Date.parse('2024-06-30T22:00Z'))
  assert.equal(instantOf(Date.parse('2024-07-01T00:00Z'), 'Europe/Paris'), Date.parse('2024-06-30T22:00Z'))
})

test('names are ordered with numbers as numbers, totally', () => {
  assert.deepEqual(['p-10', 'p-9', 'p-1', 'q-1', 'p-01'].sort(compareNaturally), [
    'p-01',
    'p-1',
    'p-9',
    'p-10',
    'q-1',
  ])
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '0', '1', '9', '-') })
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      assert.equal(Math.sign(compareNaturally(a, b)), -Math.sign(compareNaturally(b, a)) || 0)
      assert.equal(compareNaturally(a, b) === 0, a === b)
      if (compareNaturally(a, b) <= 0 && compareNaturally(b, c) <= 0) assert.ok(compareNaturally(a, c) <= 0)
    }),
  )
})

test('near names are found', () => {
  assert.deepEqual(nearNames('creatd_at', ['id', 'created_at', 'total']), ['created_at'])
  assert.deepEqual(nearNames('zzz', ['id', 'created_at']), [])
})
