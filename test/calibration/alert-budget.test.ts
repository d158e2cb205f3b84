import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertsPerDay, formatAlertBudget, parseAlertBudget } from '../../src/calibration/alert-budget.ts'

test('a budget is read as people write it, and written back', () => {
  assert.deepEqual(parseAlertBudget('2/week'), { alerts: 2, per: 'week' })
  assert.deepEqual(parseAlertBudget(' 0.5 / day '), { alerts: 0.5, per: 'day' })
  assert.deepEqual(parseAlertBudget('1 per month'), { alerts: 1, per: 'month' })
  assert.equal(formatAlertBudget(parseAlertBudget('.5/week')), '0.5/week')
  assert.equal(alertsPerDay({ alerts: 7, per: 'week' }), 1)
})

test('what is no budget is refused with the way to write one', () => {
  for (const text of ['', '2', 'week', '0/week', '-1/week', '2/year', '2/weeks/day', '1e3/week'])
    assert.throws(() => parseAlertBudget(text), { code: 'BAD_ARGUMENT', fix: /2\/week/ }, text)
})
