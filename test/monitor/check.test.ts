import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Verdict } from '../../src/data/verdict.ts'
import { type Dataset, open, type Project } from '../../src/index.ts'
import { csvOf, type Order, orderFile, ordersOf, writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 14

async function watched(
  t: TestContext,
  spoil?: (rows: Order[], day: number) => Order[],
  days = DAYS,
): Promise<{ project: Project; orders: Dataset; folder: string }> {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), days, spoil)
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  t.after(() => project.close())
  return { project, orders: await project.dataset('orders', { data: 'data', atMost: '1/week' }), folder }
}

const newest = (verdicts: readonly Verdict[]): Verdict => verdicts.at(-1)!
const onLast =
  (change: (rows: Order[]) => Order[]) =>
  (rows: Order[], day: number): Order[] =>
    day === DAYS ? change(rows) : rows

/** What is done to the last day, the dimension that must alert, and the column or metric that must be named. */
const spoilings: readonly {
  readonly name: string
  readonly spoil: (rows: Order[]) => Order[]
  readonly dimension: keyof Verdict['dimensions']
  readonly named: RegExp
}[] = [
  {
    name: 'a tenth of the e-mails empty',
    spoil: (rows) => rows.map((row, i) => (i % 10 === 0 ? { ...row, email: '' } : row)),
    dimension: 'completeness',
    named: /email/,
  },
  {
    name: 'half of the rows gone',
    spoil: (rows) => rows.slice(0, 60),
    dimension: 'completeness',
    named: /rows/,
  },
  {
    name: 'a placeholder for the country',
    spoil: (rows) => rows.map((row, i) => (i % 5 === 0 ? { ...row, country: 'N/A' } : row)),
    dimension: 'integrity',
    named: /country/,
  },
  {
    name: 'countries in lower case',
    spoil: (rows) =>
      rows.map((row, i) => (i % 4 === 0 ? { ...row, country: row.country.toLowerCase() } : row)),
    dimension: 'conformity',
    named: /country/,
  },
  {
    name: 'quantities written as words',
    spoil: (rows) => rows.map((row, i) => (i % 10 === 0 ? { ...row, quantity: 'three' } : row)),
    dimension: 'conformity',
    named: /quantity/,
  },
  {
    name: 'a fifth of the rows twice',
    spoil: (rows) => [...rows, ...rows.slice(0, 60)],
    dimension: 'uniqueness',
    named: /duplicate|order_id/,
  },
  {
    name: 'prices ten times too high',
    spoil: (rows) => rows.map((row) => ({ ...row, unit_price: (Number(row.unit_price) * 10).toFixed(2) })),
    dimension: 'integrity',
    named: /unit_price/,
  },
  {
    name: 'totals shuffled',
    spoil: (rows) => rows.map((row, i) => ({ ...row, total: rows[(i * 7 + 3) % rows.length]!.total })),
    dimension: 'consistency',
    named: /total/,
  },
  {
    name: 'a column gone',
    spoil: (rows) => rows.map(({ email: _, ...row }) => row as Order),
    dimension: 'completeness',
    named: /email is missing/,
  },
  {
    name: 'the day before delivered again',
    spoil: () => ordersOf(DAYS - 1),
    dimension: 'uniqueness',
    named: /same content as orders-2024-03-13.csv/,
  },
]

for (const { name, spoil, dimension, named } of spoilings)
  test(`${name}: alerts on ${dimension} and says where`, async (t) => {
    const { orders } = await watched(t, onLast(spoil))
    const verdict = newest(await orders.check())
    assert.equal(verdict.status, 'alert')
    assert.equal(verdict.dimensions[dimension].status, 'alert', JSON.stringify(verdict.dimensions))
    assert.match(verdict.findings.map(({ message }) => message).join('\n'), named)
  })

test('clean batches rarely alert, and the first cannot be judged', async (t) => {
  const { orders } = await watched(t, undefined, 20)
  const verdicts = await orders.check()
  assert.equal(verdicts.length, 20)
  assert.equal(verdicts[0]!.status, 'cannot-judge')
  assert.ok(verdicts.filter(({ status }) => status === 'alert').length <= 2)
  assert.ok(verdicts.slice(1, 8).every(({ provisional }) => provisional))
})

test('a batch is judged once; a second check reads nothing new and says the same', async (t) => {
  const { orders } = await watched(t)
  const first = await orders.check()
  const told: Verdict[] = []
  const second = await orders.check({ onVerdict: (verdict) => told.push(verdict) })
  assert.deepEqual(second, first)
  assert.equal(told.length, 0)
  assert.deepEqual(await orders.verdicts(), first)
})

const dearer = (rows: Order[], day: number): Order[] =>
  day > 10 ? rows.map((row) => ({ ...row, country: 'XX' })) : rows

test('checked day by day or all at once, the verdicts are the same, through a lasting change', async (t) => {
  const { orders, folder } = await watched(t, undefined, 1)
  for (let day = 2; day <= 15; day++) {
    await writeFile(path.join(folder, 'data', orderFile(day)), csvOf(dearer(ordersOf(day), day)))
    await orders.check()
  }
  const { orders: atOnce } = await watched(t, dearer, 15)
  const essence = (verdicts: readonly Verdict[]) =>
    verdicts.map(({ batch, status, score, threshold }) => ({ batch, status, score, threshold }))
  assert.deepEqual(essence(await orders.verdicts()), essence(await atOnce.check()))
})

test('the cached history is only a cache: without it the next batch gets the same scores', async (t) => {
  const scoresOf = async (dropCache: boolean): Promise<number> => {
    const { orders, folder } = await watched(t, undefined, 10)
    await orders.check()
    if (dropCache) await rm(path.join(folder, 'store', `history-${orders.id}.cache`))
    await writeFile(path.join(folder, 'data', orderFile(11)), csvOf(ordersOf(11)))
    return newest(await orders.check()).score
  }
  assert.equal(await scoresOf(true), await scoresOf(false))
})

test('a rewritten file is judged again, as a second revision in its old place', async (t) => {
  const { orders, folder } = await watched(t)
  await orders.check()
  await writeFile(
    path.join(folder, 'data', orderFile(9)),
    csvOf(ordersOf(9).map((row) => ({ ...row, email: '' }))),
  )
  const verdicts = await orders.check()
  assert.equal(verdicts.length, DAYS)
  assert.equal(verdicts[8]!.batch, orderFile(9))
  assert.equal(verdicts[8]!.revision, 2)
  assert.equal(verdicts[8]!.status, 'alert')
})

test('the offending rows of an alert are kept with it', async (t) => {
  const { orders } = await watched(t, onLast(spoilings[0]!.spoil))
  const evidence = newest(await orders.check()).findings.find(({ evidence }) => evidence)?.evidence
  assert.equal(evidence?.total, 30)
  assert.equal(evidence.rows.length, 10)
  assert.ok(evidence.rows.every((row) => row[evidence.columns.indexOf('email')] === null))
})

test('what stays changed for three batches becomes the new normal', async (t) => {
  const { orders } = await watched(t, dearer, 18)
  const statuses = (await orders.check()).map(({ status }) => status)
  assert.equal(statuses[10], 'alert')
  assert.equal(statuses.at(-1), 'ok', statuses.join(' '))
})

test('the product of two columns is found, and its violation named', async (t) => {
  const { orders } = await watched(
    t,
    onLast((rows) =>
      rows.map((row, i) => (i % 20 === 0 ? { ...row, total: (Number(row.total) + 5).toFixed(2) } : row)),
    ),
  )
  const rule = newest(await orders.check()).findings.find(({ metric }) => metric === 'ruleViolationFraction')
  assert.equal(rule?.instance, 'total = quantity × unit_price')
  assert.equal(rule.value, 0.05)
})

test('an aborted check keeps what it judged, and the next one goes on', async (t) => {
  const { orders } = await watched(t)
  const stop = new AbortController()
  const told: string[] = []
  await orders.check({ signal: stop.signal, onVerdict: ({ batch }) => told.push(batch) > 4 && stop.abort() })
  assert.equal(told.length, 5)
  assert.equal((await orders.verdicts()).length, 5)
  assert.equal((await orders.check()).length, DAYS)
})

test('a change of the alert budget is a replay: scores stay, thresholds move', async (t) => {
  const { orders, project } = await watched(t, undefined, 20)
  const strict = await orders.check()
  const loose = await (await project.dataset('orders', { data: 'data', atMost: '3/week' })).verdicts()
  assert.deepEqual(
    loose.map(({ score }) => score),
    strict.map(({ score }) => score),
  )
  assert.ok(newest(loose).threshold < newest(strict).threshold)
})

test('every metric has its series with limits around its centre', async (t) => {
  const { orders } = await watched(t)
  await orders.check()
  const series = await orders.series()
  const nulls = series.find(({ metric }) => metric.instance === 'email' && metric.name === 'nullFraction')
  assert.equal(nulls?.points.length, DAYS)
  for (const { points } of series)
    for (const { centerLine, lowerLimit, upperLimit } of points.slice(2))
      assert.ok(Number.isNaN(centerLine) || (lowerLimit <= centerLine && centerLine <= upperLimit))
})
