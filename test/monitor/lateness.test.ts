import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Arrival, nextBatch } from '../../src/monitor/lateness.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A Monday, six in the morning. */
const MONDAY = Date.UTC(2024, 0, 1, 6)

const cameAt = (atMs: number, startMs: number | null = null, judgedMs = atMs): Arrival => ({
  listing: { startMs, modifiedMs: atMs },
  judgedMs,
  label: null,
})

/** A batch a day, judged within the minute, a few minutes early or late. */
const daily = (days: readonly number[]): Arrival[] =>
  days.map((day) =>
    cameAt(MONDAY + day * DAY + ((day * 37) % 11) * 60_000, MONDAY - 6 * HOUR + (day - 1) * DAY),
  )

const upTo = (days: number): number[] => Array.from({ length: days }, (_, day) => day)

test('a daily batch is late some hours after its usual time, and not before', () => {
  const arrivals = daily(upTo(20))
  const expected = MONDAY + 20 * DAY
  const { dueMs, lateSinceMs } = nextBatch(arrivals, expected)!
  assert.equal(lateSinceMs, null)
  assert.ok(dueMs > expected && dueMs < expected + 4 * HOUR, new Date(dueMs).toISOString())
  assert.equal(nextBatch(arrivals, dueMs + 1)!.lateSinceMs, dueMs)
})

test('a weekend without batches is not late, a Tuesday without one is', () => {
  const working = upTo(60).filter((day) => day % 7 < 5)
  const friday = daily(working.filter((day) => day <= 53))
  assert.equal(nextBatch(friday, MONDAY + 56 * DAY)!.lateSinceMs, null)
  const tuesday = daily(working.filter((day) => day <= 50))
  assert.notEqual(nextBatch(tuesday, MONDAY + 51.5 * DAY)!.lateSinceMs, null)
})

test('one long outage does not teach patience', () => {
  const arrivals = daily([...upTo(20), ...upTo(40).filter((day) => day >= 30)])
  const { dueMs } = nextBatch(arrivals, 0)!
  assert.ok(dueMs < MONDAY + 40 * DAY + 4 * HOUR, new Date(dueMs).toISOString())
})

test('too few gaps, files brought all at once, and one file cut by its dates tell nothing', () => {
  assert.equal(nextBatch([], 0), null)
  assert.equal(nextBatch(daily(upTo(5)), MONDAY + 30 * DAY), null)
  const atOnce = upTo(60).map((day) => cameAt(MONDAY + 60 * DAY + day, MONDAY + day * DAY))
  assert.equal(nextBatch(atOnce, MONDAY + 90 * DAY), null)
  const cut = upTo(60).map((day) => cameAt(MONDAY + 60 * DAY, MONDAY + day * DAY))
  assert.equal(nextBatch(cut, MONDAY + 90 * DAY), null)
})

test('batches brought at once before others came one by one do not count', () => {
  const brought = upTo(100).map((day) => cameAt(MONDAY - DAY + day * 1000))
  const arrivals = [...brought, ...upTo(8).map((day) => cameAt(MONDAY + day * DAY))]
  const { dueMs } = nextBatch(arrivals, 0)!
  assert.ok(dueMs > MONDAY + 8 * DAY && dueMs < MONDAY + 8.5 * DAY, new Date(dueMs).toISOString())
})

test('an archive is not late: its newest batch came long before it was judged', () => {
  const years = 800 * DAY
  const archive = daily(upTo(30)).map((batch) => ({ ...batch, judgedMs: batch.judgedMs + years }))
  assert.equal(nextBatch(archive, MONDAY + years + 90 * DAY), null)
})

test('a batch spoiled on purpose did not come', () => {
  const arrivals = daily(upTo(20))
  const spoiled = { ...cameAt(MONDAY + 25 * DAY), label: 'spoiled' }
  assert.deepEqual(nextBatch([...arrivals, spoiled], 0), nextBatch(arrivals, 0))
})
