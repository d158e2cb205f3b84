import assert from 'node:assert/strict'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { corruptions } from '../../src/corruption/index.ts'
import { tableOf } from '../../src/corruption/table.ts'
import { drill } from '../../src/evaluation/drill.ts'
import { scorecardPage } from '../../src/evaluation/scorecard-page.ts'
import { targetsOf, trialsOf } from '../../src/evaluation/trial-plan.ts'
import { type Dataset, open } from '../../src/index.ts'
import { writeOrders } from '../orders.ts'
import { runFiable } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

async function checked(t: TestContext, days: number): Promise<{ orders: Dataset; folder: string }> {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), days, (rows) => rows.slice(0, 150))
  const project = await open({ store: path.join(folder, '.fiable'), baseFolder: folder })
  t.after(() => project.close())
  const orders = await project.dataset('orders', { data: 'data', atMost: '1/week' })
  await orders.check()
  return { orders, folder }
}

test('a drill tells what would be caught, with intervals, weak spots first, and leaves the history alone', async (t) => {
  const { orders } = await checked(t, 14)
  const before = await orders.verdicts()
  const { scorecard, results, clean } = await drill(orders, { batches: 3, fractions: [0.1, 0.5] })
  assert.deepEqual(await orders.verdicts(), before)
  assert.ok(clean.length >= 2 && results.length > 200, `${results.length} trials on ${clean.length} batches`)
  const bad = scorecard.lines.filter(({ dimension }) => dimension !== null)
  assert.deepEqual(
    bad.map(({ caught }) => caught.rate),
    bad.map(({ caught }) => caught.rate).sort((a, b) => a - b),
  )
  const rateOf = (name: string, fraction: number) =>
    bad.find((line) => line.corruption === name && line.fraction === fraction)!.caught
  for (const name of ['explicit-nulls', 'exact-duplicates', 'unseen-category', 'decimal-comma'])
    assert.equal(rateOf(name, 0.5).rate, 1, name)
  assert.equal(rateOf('column-dropped', 1).rate, 1)
  for (const { caught } of scorecard.lines) assert.ok(caught.low <= caught.rate && caught.rate <= caught.high)
  t.diagnostic(`caught ${(100 * scorecard.overall.rate).toFixed(0)} % of ${scorecard.trials}`)
})

test('same seed, same drill; another seed, other trials', async (t) => {
  const { orders } = await checked(t, 10)
  const run = async (seed: number) => (await drill(orders, { batches: 1, fractions: [0.2], seed })).results
  assert.deepEqual(await run(1), await run(1))
  assert.notDeepEqual(await run(1), await run(2))
})

test('a drill of too short a history is refused', async (t) => {
  const { orders } = await checked(t, 5)
  await assert.rejects(drill(orders), { code: 'TOO_FEW_BATCHES' })
})

test('the command line prints the drill and stores the report, HTML and JSON', async (t) => {
  const { folder } = await checked(t, 10)
  const { code, stdout, stderr } = await runFiable(
    ['drill', 'orders', '--batches', '1', '--fractions', '0.3', '--output', 'report.html'],
    folder,
  )
  assert.equal(code, 0, stderr)
  assert.match(stdout, /would catch \d+ % \(\d+–\d+\) of \d+ faults/)
  assert.match(stdout, /report: report\.html/)
  const refused = await runFiable(['drill', 'none'], folder)
  assert.deepEqual([refused.code, refused.stdout], [2, ''])
  assert.match(refused.stderr, /known: orders/)
})

test('the report of hostile names is no markup', () => {
  const empty = { hits: 0, trials: 0, rate: Number.NaN, low: 0, high: 1 }
  assert.doesNotMatch(
    scorecardPage('<b>"&', { lines: [], falseAlarms: empty, overall: empty, batches: 0, trials: 0 }),
    /<b>"&/,
  )
})

test('trials are the same for the same batch, and every target fits', () => {
  const table = tableOf({ n: [1, 2, 3, 4], t: ['a', 'b', 'a', 'c'] })
  const plan = {
    corruptions,
    fractions: [0.5],
    columnsPerCorruption: 2,
    selector: 'random',
    from: 0,
    every: 1,
    seed: 1,
  } as const
  assert.deepEqual(trialsOf(plan, table, 'x'), trialsOf(plan, table, 'x'))
  for (const corruption of corruptions)
    for (const target of targetsOf(corruption, table)) assert.equal(target.length, corruption.takes)
})
