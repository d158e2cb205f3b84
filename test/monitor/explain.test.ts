import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { openEngine } from '../../src/engines/duckdb.ts'
import { type Dataset, type Explanation, FiableError, open } from '../../src/index.ts'
import { csvOf, type Order, orderFile, ordersOf, writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 8
const spoiled = (rows: Order[]): Order[] =>
  rows.map((row, i) => ({
    ...row,
    email: i % 5 === 0 ? '' : row.email,
    country: i % 9 === 0 ? "o'X" : row.country,
    quantity: i % 10 === 0 ? 'three' : row.quantity,
  }))
const onLast = (rows: Order[], day: number): Order[] =>
  day === DAYS ? spoiled(rows.slice(0, 100)) : rows.slice(0, 100)

async function opened(
  t: TestContext,
  folder: string,
  declaration: Parameters<typeof declare>[2],
): Promise<Dataset> {
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  t.after(() => project.close())
  return declare(project, 'orders', declaration)
}

const declare = (
  project: Awaited<ReturnType<typeof open>>,
  name: string,
  declaration: Parameters<typeof project.dataset>[1],
): Promise<Dataset> => project.dataset(name, declaration)

/** Runs every statement in a fresh engine: as many rows as were counted when the batch was judged. */
async function assertRuns(t: TestContext, { rows }: Explanation): Promise<void> {
  const engine = await openEngine({})
  t.after(() => engine.close())
  assert.ok(rows.length >= 2, JSON.stringify(rows, null, 1))
  for (const { sql, total } of rows) {
    const found = await engine.query(sql.replace(/;$/, ''))
    assert.equal(found.length, total, sql)
  }
}

test('the SQL of an explanation finds the offending rows of a CSV file', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, "da'ta[1]"), DAYS, onLast)
  const orders = await opened(t, folder, { data: "da'ta[1]" })
  await orders.check()
  await assertRuns(t, await orders.explain())
})

test('… of a Parquet file, of a JSON file, and of one file cut by its dates', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'csv'), DAYS, onLast)
  const engine = await openEngine({})
  t.after(() => engine.close())
  const all = `(from read_csv('${folder}/csv/*.csv', union_by_name = true, sample_size = -1, filename = 'f'))`
  for (const format of ['parquet', 'json'] as const) {
    await mkdir(path.join(folder, format))
    for (let day = 1; day <= DAYS; day++)
      await engine.run(
        `copy (select * exclude f from ${all} where f like '%${orderFile(day)}') to '${folder}/${format}/${orderFile(day).replace('.csv', `.${format}`)}'`,
      )
    const project = await open({ store: path.join(folder, format, 'store'), baseFolder: folder })
    t.after(() => project.close())
    const orders = await project.dataset('orders', { data: `${format}/*.${format}` })
    await orders.check()
    await assertRuns(t, await orders.explain())
  }
  await mkdir(path.join(folder, 'whole'))
  const rows = Array.from({ length: DAYS }, (_, i) => onLast(ordersOf(i + 1), i + 1)).flat()
  await writeFile(path.join(folder, 'whole', 'orders.csv'), csvOf(rows))
  const project = await open({ store: path.join(folder, 'cut'), baseFolder: folder })
  t.after(() => project.close())
  const cut = await project.dataset('cut', { data: 'whole', by: 'created_at' })
  await cut.check()
  await assertRuns(t, await cut.explain('2024-03-08'))
})

test('metrics are ranked: rules first, then by surprise, ordinary ones inside their limits', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), DAYS, onLast)
  const orders = await opened(t, folder, { data: 'data' })
  await orders.check()
  const { metrics, verdict, incidents } = await orders.explain(orderFile(DAYS), 40)
  assert.equal(verdict.batch, orderFile(DAYS))
  assert.ok(metrics[0]!.absolute)
  const measured = metrics.filter(({ absolute }) => !absolute)
  assert.equal(measured.length, 40)
  const surprises = measured.map(({ surprise }) => surprise)
  assert.deepEqual(
    surprises,
    [...surprises].sort((a, b) => b - a),
  )
  for (const { value, lowerLimit, upperLimit, surprise, recent } of measured) {
    assert.ok(recent.length > 0)
    if (surprise < verdict.threshold - 0.5) assert.ok(lowerLimit <= value && value <= upperLimit)
  }
  assert.ok(incidents.some(({ columns }) => columns.includes('email')))
  assert.equal((await orders.explain()).verdict.batch, verdict.batch, 'the newest by default')
})

test('an unknown batch, and a dataset that was never checked, are refused by name', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), 2)
  const orders = await opened(t, folder, { data: 'data' })
  const coded = (code: string) => (thrown: unknown) => thrown instanceof FiableError && thrown.code === code
  await assert.rejects(orders.explain(), coded('TOO_FEW_BATCHES'))
  await orders.check()
  await assert.rejects(orders.explain('none'), coded('NOT_FOUND'))
})
