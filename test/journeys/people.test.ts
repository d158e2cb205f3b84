import assert from 'node:assert/strict'
import path from 'node:path'
import { before, test } from 'node:test'
import { parseUntil } from '../../src/cli/until.ts'
import type { HandledIncident, Verdict } from '../../src/index.ts'
import { orderFile, writeOrders } from '../orders.ts'
import { type Ran, runFiable } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 14
const folder = tempFolder()
const fiable = (...args: readonly string[]): Promise<Ran> => runFiable(args, folder)

before(async () => {
  await writeOrders(path.join(folder, 'data'), DAYS, (rows, day) =>
    rows.slice(0, 100).map((row, i) => (day === DAYS && i % 4 === 0 ? { ...row, email: '' } : row)),
  )
  assert.equal((await fiable('check', 'data', '--name', 'orders')).code, 1)
})

async function listed(...flags: readonly string[]): Promise<readonly HandledIncident[]> {
  const { stdout, stderr } = await fiable('incidents', ...flags, '--format', 'json')
  assert.equal(stderr, '')
  return JSON.parse(stdout) as HandledIncident[]
}

test('from the alert to its settlement: list, explain, comment, assign, snooze, resolve, feedback, undo', async () => {
  const { stdout } = await fiable('incidents')
  const [, id = ''] = /◆ open +([0-9a-f]{10}) {2}orders .*email/.exec(stdout) ?? assert.fail(stdout)
  const explained = await fiable('explain', 'orders')
  assert.match(explained.stdout, /rule +email: nulls +25 %/)
  assert.match(explained.stdout, /select \* from read_csv\(.*where "email" is null;/)
  await fiable('incidents', 'comment', id, 'the form was broken')
  await fiable('incidents', 'assign', id.slice(0, 5), 'bo')
  assert.match((await fiable('incidents', 'snooze', id, '3d')).stdout, /○ snoozed/)
  assert.match((await fiable('incidents')).stdout, /no incident is open\n1 more/)
  const resolved = await fiable('incidents', 'resolve', id, '--note', 'repaired')
  assert.match(resolved.stdout, /● resolved.*→ bo.*comment: the form was broken.*resolve: repaired/s)
  assert.equal((await listed('--all'))[0]!.actions.length, 4)
  assert.match((await fiable('feedback', 'orders', orderFile(DAYS), 'expected')).stdout, /held for normal/)
  assert.match((await fiable('incidents', 'feedback', id, 'real')).stdout, /really bad.*until now: expected/)
  assert.match((await fiable('feedback', 'orders', orderFile(DAYS), '--undo')).stdout, /expected: it is held/)
})

test('a floor keeps small changes silent, says so where it acts, and is taken back', async () => {
  const tuned = await fiable('tune', 'orders', '--floor', 'completeness=50%', 'uniqueness=1%')
  assert.equal(tuned.code, 0, tuned.stderr)
  assert.match(tuned.stdout, /then .*completeness above 50 % of the rows/)
  const { stdout } = await fiable('explain', 'orders', orderFile(DAYS), '--format', 'json')
  const { verdict } = JSON.parse(stdout) as { readonly verdict: Verdict }
  const silent = verdict.findings.filter(({ belowFloor }) => belowFloor === 0.5)
  assert.ok(silent.length > 0)
  for (const { message } of silent) assert.match(message, /no more than the floor of 50 % of the rows/)
  assert.match((await fiable('tune', 'orders', '--history')).stdout, /uniqueness above 1 % of the rows/)
  assert.equal((await fiable('tune', 'orders', '--revert', '1')).code, 0)
})

for (const [args, message] of [
  [['tune', 'orders', '--floor', 'completeness=lots'], /floor was 'lots'/],
  [['tune', 'orders', '--floor', 'completeness'], /--floor was 'completeness'/],
  [['tune', 'orders', '--floor', 'beauty=1%'], /no dimension beauty/],
  [['tune', 'orders', '--weights', 'learnt'], /No drill has told/],
  [['incidents', 'snooze', '0000', '2020-01-01'], /There is no incident 0000/],
  [['incidents', 'none'], /There is no dataset none/],
  [['feedback', 'orders', 'nope', 'real'], /no judged batch nope/],
  [['feedback', 'orders', orderFile(DAYS), 'maybe'], /feedback was maybe.*\n→ Say one of/],
  [['feedback', 'orders', orderFile(DAYS), 'real', '--undo'], /Both real and --undo/],
  [['feedback', 'orders', orderFile(1), '--undo'], /no feedback on/],
  [['explain', 'orders', 'nope'], /no judged batch nope/],
  [['explain', 'orders', '--metrics', '0'], /--metrics was 0/],
] as const)
  test(`fiable ${args.join(' ')}: refused with the next step, exit 2`, async () => {
    const { code, stdout, stderr } = await fiable(...args)
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, message)
    assert.match(stderr, /→ \w/)
  })

test('a time to wait for is a span or a date', () => {
  const now = Date.UTC(2024, 0, 1)
  assert.equal(parseUntil('90m', now), now + 5_400_000)
  assert.equal(parseUntil('2w', now), now + 14 * 86_400_000)
  assert.equal(parseUntil('2030-01-31T10:00Z', now), Date.UTC(2030, 0, 31, 10))
  for (const text of ['', 'soon', '3', '-3d', '2030-99-99', '31/01/2030'])
    assert.throws(() => parseUntil(text, now), /no time that can be waited for/)
})
