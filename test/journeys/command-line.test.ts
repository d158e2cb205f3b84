import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { dimensions, open, type Verdict } from '../../src/index.ts'
import { csvOf, type Order, orderFile, ordersOf, writeOrders } from '../orders.ts'
import { type Ran, runFiable } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 9
const ROWS = 60

/** Every fourth e-mail of the last day is lost. */
const spoilLast = (rows: Order[], day: number): Order[] =>
  rows.slice(0, ROWS).map((row, i) => (day === DAYS && i % 4 === 0 ? { ...row, email: '' } : row))

const small = (rows: Order[]): Order[] => rows.slice(0, ROWS)

/** A folder with a file a day in `data`, and the command line run in it. */
async function place(
  t: TestContext,
  spoil: Parameters<typeof writeOrders>[2] = small,
  days = DAYS,
): Promise<{ folder: string; fiable(...args: string[]): Promise<Ran> }> {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), days, spoil)
  return { folder, fiable: (...args) => runFiable(args, folder) }
}

const verdictsIn = (json: string): Verdict[] => JSON.parse(json) as Verdict[]

test('an alert: verdict, five dimensions, sparkline, offending rows, exit code 1', async (t) => {
  const { fiable } = await place(t, spoilLast)
  const { code, stdout, stderr } = await fiable('check', 'data')
  assert.equal(code, 1, stderr)
  assert.equal(stderr, '')
  const [head, verdict, empty, ...lines] = stdout.split('\n')
  assert.match(head!, /^data-[0-9a-f]{6} {2}orders-2024-03-09\.csv {2}60 rows$/)
  assert.match(verdict!, /^◆ alert .*email is null in 25 % of the rows; it never was before\.$/)
  assert.equal(empty, '')
  const shown = lines.slice(0, 5).map((line) => line.trim().split(/\s+/)[0])
  assert.deepEqual(shown, dimensions)
  assert.match(lines.find((line) => line.includes('completeness'))!, /◆ alert {2}▁{8}█ {2}email is null/)
  assert.match(stdout, /^ {2}15 rows: email is null$/m)
  assert.match(stdout, /^ {2}order_id .* email$/m)
  assert.equal(stdout.match(/∅$/gm)?.length, 10)
})

test('a clean batch exits 0, a first one 2, and the second run judges only what is new', async (t) => {
  const { folder, fiable } = await place(t, small, 1)
  const first = await fiable('check', 'data')
  assert.equal(first.code, 2)
  assert.match(first.stdout, /○ cannot judge/)
  await writeOrders(path.join(folder, 'data'), DAYS, small)
  const later = await fiable('check', 'data', '--all', '--format', 'json')
  const before = verdictsIn(later.stdout)
  assert.equal(before.length, DAYS)
  writeFileSync(path.join(folder, 'data', orderFile(DAYS + 1)), csvOf(small(ordersOf(DAYS + 1))))
  const newest = await fiable('check', 'data')
  assert.equal(newest.code, 0, newest.stdout)
  assert.match(newest.stdout, /● ok/)
  const after = verdictsIn((await fiable('check', 'data', '--all', '--format', 'json')).stdout)
  assert.deepEqual(after.slice(0, DAYS), before)
  assert.equal(after.length, DAYS + 1)
})

test('--all prints a line per batch and the totals', async (t) => {
  const { fiable } = await place(t, spoilLast)
  const { code, stdout } = await fiable('check', 'data', '--all')
  assert.equal(code, 1)
  const lines = stdout.trimEnd().split('\n')
  assert.equal(lines.length, DAYS + 2)
  assert.match(lines[0]!, /^○ cannot judge {2}orders-2024-03-01\.csv 60 rows The first batch/)
  assert.match(lines[DAYS - 1]!, /^◆ alert {2}orders-2024-03-09\.csv 60 rows email is null/)
  assert.match(lines.at(-1)!, /^9 batches: \d ok, \d alert, \d cannot judge$/)
})

test('every format is printed, or written to --output with nothing printed', async (t) => {
  const { folder, fiable } = await place(t, spoilLast)
  const signs = {
    json: /"status": "alert"/,
    junit: /<failure message="email is null/,
    sarif: /"ruleId": "nullFraction"/,
    md: /\| completeness \| 🔶 alert \|/,
  }
  for (const [format, sign] of Object.entries(signs)) {
    const file = `verdict.${format}`
    const written = await fiable('check', 'data', '--format', format, '--output', file)
    assert.deepEqual(written, { code: 1, stdout: '', stderr: '' }, format)
    assert.match(readFileSync(path.join(folder, file), 'utf8'), sign)
  }
  const printed = await fiable('check', 'data', '--format', 'json')
  assert.equal(printed.stdout, readFileSync(path.join(folder, 'verdict.json'), 'utf8'))
})

test('an output that cannot be written is the user’s to mend, not a defect', async (t) => {
  const { fiable } = await place(t, small, 2)
  const { code, stderr } = await fiable('check', 'data', '--output', 'none/verdict.txt')
  assert.equal(code, 2)
  assert.match(stderr, /NOT_READABLE {2}none\/verdict\.txt cannot be written/)
  assert.doesNotMatch(stderr, /defect/)
})

test('--by cuts one file into days, --every into weeks', async (t) => {
  const folder = tempFolder(t)
  const days = Array.from({ length: 10 }, (_, i) => small(ordersOf(i + 1)))
  writeFileSync(path.join(folder, 'orders.csv'), csvOf(days.flat()))
  const keysOf = async (...args: string[]): Promise<(readonly [string, number])[]> => {
    const ran = await runFiable(
      ['check', 'orders.csv', '--by', 'created_at', ...args, '--all', '--format', 'json'],
      folder,
    )
    return verdictsIn(ran.stdout).map(({ batch, rows }) => [batch, rows] as const)
  }
  const byDay = await keysOf()
  assert.deepEqual(byDay[0], ['2024-03-01', ROWS])
  assert.deepEqual(byDay.at(-1), ['2024-03-10', ROWS])
  assert.equal(byDay.length, 10)
  assert.deepEqual(await keysOf('--every', 'week'), [
    ['2024-W09', 3 * ROWS],
    ['2024-W10', 7 * ROWS],
  ])
})

test('--plan says what would be read and judges nothing', async (t) => {
  const { folder, fiable } = await place(t)
  const plan = await fiable('check', 'data', '--plan')
  assert.equal(plan.code, 0, plan.stderr)
  assert.match(
    plan.stdout,
    /^data-\w{6}: 9 batches, 9 to judge; about 5\d\d rows, 0(\.\d)? MB, about .*\n {2}.*data/,
  )
  const project = await open({ store: path.join(folder, '.fiable') })
  t.after(() => project.close())
  const [dataset] = await project.datasets()
  assert.deepEqual(await dataset!.verdicts(), [])
  await fiable('check', 'data')
  assert.match((await fiable('check', 'data', '--plan')).stdout, /9 batches, 0 to judge; about 0 rows, 0 MB/)
})

test('init declares the files found, check reads the declaration, and init never overwrites it', async (t) => {
  const { folder, fiable } = await place(t, small, 2)
  mkdirSync(path.join(folder, 'year2024'))
  writeFileSync(path.join(folder, 'year2024', 'orders-1.csv'), 'a\n1\n2\n')
  writeFileSync(path.join(folder, 'prices.parquet.txt'), 'not data')
  writeFileSync(path.join(folder, 'stock.ndjson'), '{"n": 1}\n')
  const written = await fiable('init')
  assert.equal(written.code, 0, written.stderr)
  assert.equal(written.stdout, 'fiable.yaml written: orders, stock, orders-2. Next: fiable check\n')
  const declaration = readFileSync(path.join(folder, 'fiable.yaml'), 'utf8')
  for (const data of ['data/orders-*.csv', 'stock.ndjson', 'year2024/orders-*.csv'])
    assert.ok(declaration.includes(`data: "${data}"`), declaration)
  const checked = await fiable('check', '--format', 'json')
  assert.equal(checked.code, 2, checked.stderr)
  assert.deepEqual(
    verdictsIn(checked.stdout).map(({ dataset, rows }) => [dataset, rows]),
    [
      ['orders', ROWS],
      ['stock', 1],
      ['orders-2', 2],
    ],
  )
  const again = await fiable('init')
  assert.equal(again.code, 2)
  assert.match(again.stderr, /CONFLICT/)
  assert.equal(readFileSync(path.join(folder, 'fiable.yaml'), 'utf8'), declaration)
})

test('a dataset that fails is told with its fix; the others are judged, planned and printed, and the code is 2', async (t) => {
  const { folder, fiable } = await place(t, spoilLast)
  const declared = ['gone', 'orders', 'zeros'].map(
    (name) => `  ${name}: { data: "${name === 'orders' ? 'data' : name}/*.csv" }`,
  )
  writeFileSync(path.join(folder, 'fiable.yaml'), `datasets:\n${declared.join('\n')}\n`)
  const { code, stdout, stderr } = await fiable('check', '--format', 'json')
  assert.equal(code, 2)
  assert.deepEqual(
    verdictsIn(stdout).map(({ dataset, status }) => [dataset, status]),
    [['orders', 'alert']],
  )
  for (const name of ['gone', 'zeros']) assert.match(stderr, new RegExp(`^${name}: error.*\\n→ .+`, 'm'))
  const plan = await fiable('check', '--plan')
  assert.equal(plan.code, 2)
  assert.match(plan.stdout, /^orders: 9 batches, 0 to judge/)
  for (const name of ['gone', 'zeros']) assert.match(plan.stderr, new RegExp(`^${name}: error.*\\n→ .+`, 'm'))
})

test('init takes the places named, and says so when there is nothing', async (t) => {
  const { folder, fiable } = await place(t, small, 1)
  assert.equal((await fiable('init', 'data/*.csv', '--yes')).code, 0)
  assert.match(readFileSync(path.join(folder, 'fiable.yaml'), 'utf8'), /data: "data\/\*\.csv"/)
  const nothing = await runFiable(['init'], tempFolder(t))
  assert.equal(nothing.code, 2)
  assert.match(nothing.stderr, /NO_BATCHES/)
})

test('doctor says line by line what works, and exits 2 when the store is broken', async (t) => {
  const { folder, fiable } = await place(t, small, 2)
  await fiable('check', 'data')
  const { code, stdout } = await fiable('doctor')
  const lines = stdout.trimEnd().split('\n')
  assert.match(lines[0]!, /^● node +v\d+/)
  assert.match(lines[1]!, /^● data engine +DuckDB v1/)
  assert.match(lines[2]!, /^● store .*\.fiable, 1 dataset$/)
  assert.match(lines[3]!, /memory +\d+ MB free of \d+ MB/)
  assert.equal(code, lines.every((line) => line.startsWith('●')) ? 0 : 2)
  writeFileSync(path.join(folder, '.fiable', 'store.sqlite'), 'no database at all, only words '.repeat(99))
  const broken = await fiable('doctor')
  assert.equal(broken.code, 2)
  assert.match(broken.stdout, /^◆ store .*not a sound SQLite database/m)
})

test('doctor creates no store', async (t) => {
  const folder = tempFolder(t)
  await runFiable(['doctor'], folder)
  assert.ok(!existsSync(path.join(folder, '.fiable')))
})

test('two command lines and a program on one store judge every batch once and agree', async (t) => {
  const { folder, fiable } = await place(t)
  const project = await open({ store: path.join(folder, '.fiable'), baseFolder: folder })
  t.after(() => project.close())
  const orders = await project.dataset('orders', { data: path.join(folder, 'data') })
  const args = ['check', 'data', '--name', 'orders', '--all', '--format', 'json']
  const [own, ...ran] = await Promise.all([orders.check(), fiable(...args), fiable(...args)])
  const essence = (verdicts: readonly Verdict[]) =>
    verdicts.map(({ batch, revision, judgedMs, score }) => ({ batch, revision, judgedMs, score }))
  for (const { stdout, stderr } of ran) {
    assert.equal(stderr, '')
    assert.deepEqual(essence(verdictsIn(stdout)), essence(own))
  }
  assert.equal(own.length, DAYS)
  assert.ok(own.every(({ revision }) => revision === 1))
})
