import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Dataset, FiableError, open, type Project } from '../../src/index.ts'
import { csvOf, type Order, orderFile, ordersOf, writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 14
const spoiled = (rows: Order[]): Order[] => rows.map((row, i) => (i % 5 === 0 ? { ...row, email: '' } : row))

interface Watched {
  readonly project: Project
  readonly orders: Dataset
  readonly folder: string
}

/** Two weeks of orders, the last day spoiled. */
async function watched(t: TestContext): Promise<Watched> {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), DAYS, (rows, day) => (day === DAYS ? spoiled(rows) : rows))
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  t.after(() => project.close())
  const orders = await project.dataset('orders', { data: 'data', atMost: '1/week' })
  await orders.check()
  return { project, orders, folder }
}

async function next({ folder, orders }: Watched, rows: readonly Order[] = ordersOf(DAYS + 1)) {
  await writeFile(path.join(folder, 'data', orderFile(DAYS + 1)), csvOf(rows))
  return (await orders.check()).at(-1)!
}

const essence = ({ batch, status, score, threshold, findings }: Awaited<ReturnType<typeof next>>) => ({
  ...{ batch, status, score, threshold },
  findings: findings.map(({ metric, instance, surprise }) => ({ metric, instance, surprise })),
})

const withCode = (code: string, message: RegExp) => (thrown: unknown) =>
  thrown instanceof FiableError && thrown.code === code && message.test(thrown.message) && thrown.fix !== ''

const SPOILED = orderFile(DAYS)

test('expected makes a fault the new normal: the same again is quieter', async (t) => {
  const [heard, unheard] = [await watched(t), await watched(t)]
  const given = await heard.orders.giveFeedback(SPOILED, 'expected', 'ana')
  assert.deepEqual(given, { batches: [SPOILED], feedback: 'expected', replaced: [], inBaseline: true })
  const again = spoiled(ordersOf(DAYS + 1))
  assert.ok((await next(heard, again)).score < (await next(unheard, again)).score)
  assert.equal((await heard.orders.batches()).at(-2)!.inBaseline, true)
  assert.equal((await unheard.orders.batches()).at(-2)!.inBaseline, false)
})

test('real takes a batch out of the baseline that the monitor had let in', async (t) => {
  const { orders } = await watched(t)
  const good = orderFile(9)
  assert.equal((await orders.batches())[8]!.inBaseline, true)
  assert.equal((await orders.giveFeedback(good, 'real', 'ana')).inBaseline, false)
  assert.equal((await orders.batches())[8]!.inBaseline, false)
})

test('feedback taken back is as if never given, bit for bit', async (t) => {
  const control = await next(await watched(t))
  for (const feedback of ['expected', 'false-alarm', 'real'] as const) {
    const tried = await watched(t)
    await tried.orders.giveFeedback(orderFile(9), feedback, 'ana')
    await tried.orders.giveFeedback(SPOILED, feedback, 'ana')
    await tried.orders.giveFeedback(orderFile(9), null, 'ana')
    await tried.orders.giveFeedback(SPOILED, null, 'ana')
    assert.deepEqual(essence(await next(tried)), essence(control), feedback)
  }
})

test('contradictory feedback: the latest wins and says what it replaced; undo brings the one before back', async (t) => {
  const { orders } = await watched(t)
  await orders.giveFeedback(SPOILED, 'expected', 'ana')
  const real = await orders.giveFeedback(SPOILED, 'real', 'bo')
  assert.deepEqual(real.replaced, ['expected'])
  assert.equal(real.inBaseline, false)
  assert.deepEqual(await orders.giveFeedback(SPOILED, 'real', 'bo'), { ...real, replaced: [] })
  assert.equal((await orders.giveFeedback(SPOILED, null, 'bo')).feedback, 'expected')
  assert.equal((await orders.giveFeedback(SPOILED, null, 'bo')).feedback, null)
  await assert.rejects(orders.giveFeedback(SPOILED, null, 'bo'), withCode('CONFLICT', /no feedback/))
})

test('feedback on an incident is feedback on its batches, and settles it', async (t) => {
  const { orders } = await watched(t)
  const [{ id } = assert.fail('no incident')] = await orders.incidents()
  assert.deepEqual((await orders.giveIncidentFeedback(id, 'false-alarm', 'ana')).batches, [SPOILED])
  const [incident] = await orders.incidents()
  assert.equal(incident!.feedback, 'false-alarm')
  assert.equal(incident!.status, 'closed')
  assert.deepEqual(
    incident!.actions.map(({ kind, text }) => [kind, text]),
    [['feedback', 'false-alarm']],
  )
})

test('batches known to be bad are what a change of sensitivity catches or misses', async (t) => {
  const { orders } = await watched(t)
  assert.deepEqual((await orders.whatIf({ atMost: '1/week' })).after.caught, [])
  await orders.giveFeedback(SPOILED, 'real', 'ana')
  await orders.giveFeedback(orderFile(9), 'real', 'ana')
  const { after } = await orders.whatIf({ atMost: '1/week' })
  assert.deepEqual([after.caught, after.missed], [[SPOILED], [orderFile(9)]])
})

test('a table that stays bad is never held for normal once people say that it is bad', async (t) => {
  const tried = await watched(t)
  const { orders, folder } = tried
  const bad = (day: number): Order[] => ordersOf(day).map((row) => ({ ...row, country: 'XX' }))
  await orders.giveFeedback(SPOILED, 'real', 'ana')
  for (const day of [DAYS + 1, DAYS + 2, DAYS + 3]) {
    await writeFile(path.join(folder, 'data', orderFile(day)), csvOf(bad(day)))
    await orders.check()
    if (day === DAYS + 2) await orders.giveFeedback(orderFile(day), 'real', 'ana')
  }
  assert.deepEqual(
    (await orders.batches()).slice(DAYS).map(({ inBaseline }) => inBaseline),
    [false, false, false],
  )
})

test('feedback given while a check runs is heard before the next batch', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), DAYS, (rows, day) => (day === 10 ? spoiled(rows) : rows))
  const openedOrders = async (store: string) => {
    const project = await open({ store: path.join(folder, store), baseFolder: folder })
    t.after(() => project.close())
    return project.dataset('orders', { data: 'data', atMost: '1/week' })
  }
  const [heard, other] = [await openedOrders('one'), await openedOrders('one')]
  const unheard = await openedOrders('two')
  const giving: Promise<unknown>[] = []
  await heard.check({
    onVerdict: ({ batch }) => {
      if (batch === orderFile(10)) giving.push(other.giveFeedback(batch, 'expected', 'ana'))
    },
  })
  await Promise.all(giving)
  const scores = async (dataset: Dataset) => (await dataset.verdicts()).map(({ score }) => score)
  const [with_, without] = [await scores(heard), (await unheard.check()).map(({ score }) => score)]
  assert.deepEqual(with_.slice(0, 10), without.slice(0, 10))
  assert.notDeepEqual(with_.slice(10), without.slice(10))
})

test('feedback on an unknown, deleted or empty batch is refused', async (t) => {
  const { orders, folder } = await watched(t)
  await assert.rejects(
    orders.giveFeedback('orders-1999-01-01.csv', 'real', 'ana'),
    withCode('NOT_FOUND', /never judged, or is deleted/),
  )
  await writeFile(path.join(folder, 'data', orderFile(DAYS + 1)), `${csvOf(ordersOf(1)).split('\n')[0]}\n`)
  await orders.check()
  await assert.rejects(
    orders.giveFeedback(orderFile(DAYS + 1), 'expected', 'ana'),
    withCode('BAD_ARGUMENT', /no rows/),
  )
})

test('feedback is about the content that it was given on: a rewritten batch starts anew', async (t) => {
  const { orders, folder } = await watched(t)
  await orders.giveFeedback(SPOILED, 'real', 'ana')
  await writeFile(path.join(folder, 'data', SPOILED), csvOf(ordersOf(DAYS)))
  await orders.check()
  assert.equal((await orders.batches()).at(-1)!.inBaseline, true)
})
