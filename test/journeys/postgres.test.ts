import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import pg from 'pg'
import { createJobs } from '../../src/api/jobs.ts'
import { type Dataset, type FiableError, open, type Verdict } from '../../src/index.ts'
import { runServer, WORKER } from '../api/running-server.ts'
import { ordersOf } from '../orders.ts'
import { startPostgres } from '../postgres.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 12
const ROWS = 80
/** As `startPostgres` chose it, plain and within a URL. */
const PASSWORD = /p@ss word|p%40ss%20word/

let server: Awaited<ReturnType<typeof startPostgres>>
before(async () => {
  server = await startPostgres()
  await execute(`CREATE TABLE orders (order_id bigint PRIMARY KEY, created_at timestamptz, country text,
    quantity int, unit_price numeric(10,2), total numeric(10,2), email text)`)
})
after(() => server.stop())

async function execute(sql: string, values?: unknown[]): Promise<void> {
  const client = new pg.Client(server.url)
  await client.connect()
  try {
    await client.query(sql, values)
  } finally {
    await client.end()
  }
}

/** Adds one day of orders; with `lost`, every fourth e-mail is null. */
async function insertDay(day: number, { lost = false } = {}): Promise<void> {
  const rows = ordersOf(day, ROWS).map((row, i) => ({
    ...row,
    created_at: `${row.created_at}Z`,
    email: lost && i % 4 === 0 ? null : row.email,
  }))
  await execute('INSERT INTO orders SELECT * FROM json_populate_recordset(null::orders, $1::json)', [
    JSON.stringify(rows),
  ])
}

/** The table with days 1 … 12, under watch. */
async function watched(t: TestContext, url = server.url): Promise<{ orders: Dataset; store: string }> {
  await execute('TRUNCATE orders')
  for (let day = 1; day <= DAYS; day++) await insertDay(day)
  const store = path.join(tempFolder(t), 'store')
  const project = await open({ store })
  t.after(() => project.close())
  return { orders: await project.dataset('orders', { data: url, table: 'orders', by: 'created_at' }), store }
}

const dayKey = (day: number): string => `2024-03-${String(day).padStart(2, '0')}`
const statusOf = (verdicts: readonly Verdict[], day: number): string =>
  verdicts.find(({ batch }) => batch === dayKey(day))!.status

test('a table is judged day by day: clean days rarely alert, and lost e-mails do', async (t) => {
  const { orders } = await watched(t)
  const clean = await orders.check()
  assert.deepEqual(
    clean.map(({ batch, rows }) => [batch, rows]),
    Array.from({ length: DAYS }, (_, i) => [dayKey(i + 1), ROWS]),
  )
  assert.equal(clean[0]!.status, 'cannot-judge')
  assert.ok(clean.filter(({ status }) => status === 'alert').length <= 1)
  await insertDay(DAYS + 1, { lost: true })
  const told: string[] = []
  const verdicts = await orders.check({ onVerdict: ({ batch }) => told.push(batch) })
  assert.deepEqual(told, [dayKey(DAYS + 1)])
  const alert = verdicts.at(-1)!
  assert.equal(alert.status, 'alert')
  assert.equal(alert.dimensions.completeness.status, 'alert')
  assert.match(alert.reason, /^email is null in 25 % of the rows/)
  assert.equal(alert.findings.find(({ evidence }) => evidence)?.evidence?.total, ROWS / 4)
})

test('a day that changed is judged again as its second revision, the others are not', async (t) => {
  const { orders } = await watched(t)
  const first = await orders.check()
  await execute('UPDATE orders SET email = NULL WHERE created_at::date = $1 AND order_id % 2 = 0', [
    dayKey(9),
  ])
  const second = await orders.check()
  assert.equal(second.length, DAYS)
  assert.deepEqual(
    second.filter(({ revision }) => revision !== 1).map(({ batch, revision }) => [batch, revision]),
    [[dayKey(9), 2]],
  )
  assert.equal(statusOf(second, 9), 'alert')
  const judgedAt = (verdicts: readonly Verdict[]) =>
    verdicts.filter(({ batch }) => batch !== dayKey(9)).map(({ judgedMs }) => judgedMs)
  assert.deepEqual(judgedAt(second), judgedAt(first))
})

/** Every file of a folder, as one text. */
const bytesOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n')

test('a password written in the URL works at once, is named as not stored, and reaches no file', async (t) => {
  const { orders, store } = await watched(t)
  assert.match(orders.notices.join(), /not stored.*PGPASSWORD/)
  const said = JSON.stringify([await orders.check(), await orders.series(), await orders.plan()])
  assert.doesNotMatch(said, PASSWORD)
  assert.doesNotMatch(orders.notices.join(), PASSWORD)
  assert.ok(bytesOf(store).includes('created_at'), 'the declaration was looked at')
  assert.doesNotMatch(bytesOf(store), PASSWORD)
})

test('a later run without that password says how to give one', async (t) => {
  const { store } = await watched(t)
  const project = await open({ store })
  t.after(() => project.close())
  const [orders] = await project.datasets()
  await assert.rejects(orders!.check(), (error: FiableError) => {
    assert.equal(error.code, 'DATABASE_UNREACHABLE')
    assert.match(error.fix, /never stored.*\$\{PGPASSWORD\}.*pgpass/)
    return true
  })
})

test('a variable in the URL is stored by its name and read when the source opens, in later runs too', async (t) => {
  const url = new URL(server.url)
  process.env.ORDERS_PASSWORD = decodeURIComponent(url.password)
  t.after(() => delete process.env.ORDERS_PASSWORD)
  const { store, orders } = await watched(t, server.url.replace(url.password, `\${ORDERS_PASSWORD}`))
  assert.deepEqual(orders.notices, [])
  assert.equal((await orders.check()).length, DAYS)
  const project = await open({ store })
  t.after(() => project.close())
  const [later] = await project.datasets()
  assert.equal((await later!.check()).length, DAYS)
  assert.doesNotMatch(bytesOf(store), PASSWORD)
  delete process.env.ORDERS_PASSWORD
  await assert.rejects(later!.check(), { code: 'BAD_CONFIG', message: /no ORDERS_PASSWORD/ })
})

test('with the password in PGPASSWORD, not in the URL, no file of the store holds it', async (t) => {
  const url = new URL(server.url)
  process.env.PGPASSWORD = decodeURIComponent(url.password)
  t.after(() => delete process.env.PGPASSWORD)
  url.password = ''
  const { orders, store } = await watched(t, url.href)
  assert.equal((await orders.check()).length, DAYS)
  assert.ok(bytesOf(store).includes('created_at'), 'the declaration was looked at')
  assert.doesNotMatch(bytesOf(store), PASSWORD)
})

test('a check in a child process uses the password given to the server, which is stored nowhere', async (t) => {
  const { orders, store } = await watched(t)
  const given = new Map([['orders', orders.declaration]])
  const jobs = createJobs(WORKER, { store, baseFolder: tempFolder(t) }, given)
  t.after(() => jobs.close())
  const ended = new Promise((resolve) =>
    jobs.subscribe(
      (event) => event.kind === 'job' && event.job.state !== 'running' && resolve(event.job.state),
    ),
  )
  jobs.start('orders')
  assert.equal(await ended, 'done', JSON.stringify(jobs.of('orders')))
  assert.equal((await orders.verdicts()).length, DAYS)
  assert.doesNotMatch(bytesOf(store), PASSWORD)
})

test('no answer of the API holds the password', async (t) => {
  const running = await runServer(tempFolder(t))
  t.after(() => running.close())
  await execute('TRUNCATE orders')
  for (let day = 1; day <= 3; day++) await insertDay(day)
  const orders = await running.project.dataset('orders', {
    data: server.url,
    table: 'orders',
    by: 'created_at',
  })
  await orders.check()
  const routes = ['', '/orders', '/orders/series', `/orders/verdict?batch=${dayKey(2)}`]
  for (const route of routes) {
    const response = await running.get(`/api/datasets${route}`)
    assert.equal(response.status, 200)
    const text = await response.text()
    assert.match(text, /postgresql:|2024-03-02/)
    assert.doesNotMatch(text, PASSWORD, route)
  }
})
