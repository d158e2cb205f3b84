import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Dataset, FiableError, open } from '../../src/index.ts'
import { csvOf, type Order, orderFile, ordersOf, writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'

const BAD = 14
const DAYS = 20

const emptyEmails = (rows: Order[]): Order[] =>
  rows.map((row, i) => (i % 5 === 0 ? { ...row, email: '' } : row))
const onDays =
  (from: number, to: number, change: (rows: Order[]) => Order[]) =>
  (rows: Order[], day: number): Order[] =>
    day >= from && day <= to ? change(rows) : rows

async function watched(
  t: TestContext,
  spoil: (rows: Order[], day: number) => Order[],
  days = DAYS,
): Promise<{ orders: Dataset; folder: string }> {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), days, spoil)
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  t.after(() => project.close())
  const orders = await project.dataset('orders', { data: 'data', atMost: '1/week' })
  await orders.check()
  return { orders, folder }
}

const arrive = (folder: string, day: number, rows: readonly Order[]): Promise<void> =>
  writeFile(path.join(folder, 'data', orderFile(day)), csvOf(rows))

const withCode = (code: string, message: RegExp) => (thrown: unknown) =>
  thrown instanceof FiableError && thrown.code === code && message.test(thrown.message) && thrown.fix !== ''

test('one fault over two batches is one incident, closed after two quiet ones', async (t) => {
  const { orders } = await watched(t, onDays(BAD, BAD + 1, emptyEmails))
  const found = (await orders.incidents()).filter(({ columns }) => columns.includes('email'))
  assert.equal(found.length, 1, JSON.stringify(found, null, 1))
  const [incident] = found
  assert.deepEqual(incident!.batches, [orderFile(BAD), orderFile(BAD + 1)])
  assert.equal(incident!.column, 'email')
  assert.equal(incident!.dimension, 'completeness')
  assert.equal(incident!.level, 'page')
  assert.equal(incident!.status, 'closed')
  assert.match(incident!.title, /email/)
})

test('an incident is open on its first batch, continued on the next, and keeps its id', async (t) => {
  const { orders, folder } = await watched(t, onDays(BAD, BAD, emptyEmails), BAD)
  const [first] = await orders.incidents()
  assert.equal(first!.status, 'open')
  await arrive(folder, BAD + 1, emptyEmails(ordersOf(BAD + 1)))
  await orders.check()
  const [second] = await orders.incidents()
  assert.equal(second!.id, first!.id)
  assert.equal(second!.status, 'continued')
  assert.deepEqual(await orders.incidents(), await orders.incidents())
})

test('two unrelated faults of one batch are two incidents', async (t) => {
  const { orders } = await watched(
    t,
    onDays(BAD, BAD, (rows) =>
      emptyEmails(rows).map((row, i) => (i % 7 === 0 ? { ...row, quantity: '-4' } : row)),
    ),
    BAD,
  )
  const columns = (await orders.incidents()).map((incident) => incident.column)
  assert.ok(columns.includes('email') && columns.includes('quantity'), columns.join(', '))
})

test('another sensitivity derives incidents anew, and what people did follows them', async (t) => {
  const { orders } = await watched(t, onDays(BAD, BAD + 1, emptyEmails))
  const before = await orders.incidents()
  const email = before.find(({ column }) => column === 'email')!
  await orders.act(email.id, { kind: 'comment', text: 'the form was broken' }, 'ana')
  await orders.tune({ atMost: '1/day' }, 'ana')
  const loose = await orders.incidents()
  const told = new Set(loose.flatMap(({ batches }) => batches))
  const alerts = (await orders.verdicts()).filter(({ status }) => status === 'alert')
  assert.deepEqual(
    alerts.filter(({ batch }) => !told.has(batch)),
    [],
    'every alert belongs to an incident',
  )
  assert.ok(loose.length >= before.length)
  const same = loose.find(
    ({ columns, batches }) => columns.includes('email') && batches.includes(orderFile(BAD)),
  )
  assert.equal(same!.actions[0]!.text, 'the form was broken')
  await orders.tune({ atMost: '1/week' }, 'ana')
  assert.deepEqual(
    (await orders.incidents()).map(({ id }) => id),
    before.map(({ id }) => id),
  )
})

test('resolved, snoozed, assigned and commented: each action is kept with its author, the last settles', async (t) => {
  const { orders } = await watched(t, onDays(BAD, BAD, emptyEmails), BAD)
  const [{ id } = assert.fail('no incident')] = await orders.incidents()
  const untilMs = Date.now() + 3_600_000
  assert.equal((await orders.act(id, { kind: 'snooze', untilMs }, 'ana')).status, 'snoozed')
  assert.equal((await orders.act(id, { kind: 'assign', assignee: 'bo' }, 'ana')).assignee, 'bo')
  await orders.act(id, { kind: 'comment', text: 'asked the supplier' }, 'bo')
  assert.equal((await orders.act(id, { kind: 'resolve', note: '' }, 'bo')).status, 'resolved')
  const after = await orders.act(id.slice(0, 6), { kind: 'reopen' }, 'ana')
  assert.equal(after.status, 'reopened')
  assert.deepEqual(
    after.actions.map(({ kind, author, text }) => [kind, author, text]),
    [
      ['snooze', 'ana', null],
      ['assign', 'ana', 'bo'],
      ['comment', 'bo', 'asked the supplier'],
      ['resolve', 'bo', null],
      ['reopen', 'ana', null],
    ],
  )
})

test('a resolved incident that gets worse is reopened', async (t) => {
  const few = (rows: Order[]): Order[] => rows.map((row, i) => (i % 20 === 0 ? { ...row, email: '' } : row))
  const { orders, folder } = await watched(t, onDays(BAD, BAD, few), BAD)
  const [first = assert.fail('no incident')] = await orders.incidents()
  await orders.act(first.id, { kind: 'resolve', note: 'fixed' }, 'ana')
  await arrive(
    folder,
    BAD + 1,
    ordersOf(BAD + 1).map((row) => ({ ...row, email: '' })),
  )
  await orders.check()
  const again = (await orders.incidents()).find(({ id }) => id === first.id)!
  assert.deepEqual(again.worsened, [orderFile(BAD + 1)])
  assert.equal(again.status, 'reopened')
})

test('actions that make no sense are refused, and nothing is stored', async (t) => {
  const { orders } = await watched(t, onDays(BAD, BAD, emptyEmails), BAD)
  const [{ id } = assert.fail('no incident')] = await orders.incidents()
  await assert.rejects(
    orders.act(id, { kind: 'snooze', untilMs: Date.now() - 1 }, 'ana'),
    withCode('BAD_ARGUMENT', /must be a time after now/),
  )
  await assert.rejects(
    orders.act(id, { kind: 'snooze', untilMs: Number.NaN }, 'ana'),
    withCode('BAD_ARGUMENT', /NaN/),
  )
  await assert.rejects(
    orders.act(id, { kind: 'comment', text: ' ' }, 'ana'),
    withCode('BAD_ARGUMENT', /0 characters/),
  )
  await assert.rejects(
    orders.act('0000', { kind: 'reopen' }, 'ana'),
    withCode('NOT_FOUND', /no incident 0000 in orders/),
  )
  assert.deepEqual((await orders.incidents())[0]!.actions, [])
})
