import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { corruptions } from '../../src/corruption/index.ts'
import { selectors } from '../../src/corruption/selectors.ts'
import { shapes } from '../../src/corruption/shapes.ts'
import { tableOf } from '../../src/corruption/table.ts'
import { type DrillOptions, drill, estimateDrill } from '../../src/evaluation/drill.ts'
import { fireDrill, isFireDrillDue } from '../../src/evaluation/fire-drill.ts'
import { scorecardOf } from '../../src/evaluation/scorecard.ts'
import { scorecardPage } from '../../src/evaluation/scorecard-page.ts'
import { faultsOf, type TrialPlan, targetsOf, trialAt } from '../../src/evaluation/trial-plan.ts'
import { type Dataset, open, type Project } from '../../src/index.ts'
import { writeOrders } from '../orders.ts'
import { runFiable } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

interface Checked {
  readonly orders: Dataset
  readonly project: Project
  readonly folder: string
}

async function checked(t: TestContext, days: number): Promise<Checked> {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), days, (rows) => rows.slice(0, 150))
  const project = await open({ store: path.join(folder, '.fiable'), baseFolder: folder })
  t.after(() => project.close())
  const orders = await project.dataset('orders', { data: 'data', atMost: '1/week' })
  await orders.check()
  return { orders, project, folder }
}

/** A few corruptions of every dimension, and a benign one. */
const FEW: DrillOptions = {
  batches: 3,
  fractions: [0.1, 0.5],
  corruptions: [
    'explicit-nulls',
    'exact-duplicates',
    'unseen-category',
    'decimal-comma',
    'column-dropped',
    'column-shuffled',
    'rows-reordered',
    'boolean-spelling',
  ],
}

/** Rows of batches and scores, as one digest. */
async function stored({ project }: Checked): Promise<string> {
  const tables = [
    await project.store.db.selectFrom('batch').selectAll().execute(),
    await project.store.db.selectFrom('score').selectAll().execute(),
    await project.store.db.selectFrom('series').selectAll().execute(),
  ]
  return createHash('sha256').update(JSON.stringify(tables)).digest('hex')
}

test('a drill tells what would be caught, with ranges, weak spots first, and leaves the history alone', async (t) => {
  const world = await checked(t, 14)
  const before = await stored(world)
  const { scorecard } = await drill(world.orders, FEW)
  assert.equal(await stored(world), before)
  assert.deepEqual(readdirSync(path.join(world.orders.store, 'drills')), [])
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
  for (const { caught, rocAuc, balancedAccuracy } of scorecard.lines) {
    assert.ok(caught.low <= caught.rate && caught.rate <= caught.high)
    for (const { value, low, high } of [rocAuc, balancedAccuracy]) assert.ok(low <= value && value <= high)
  }
  assert.deepEqual(scorecard.notApplicable, [{ corruption: 'boolean-spelling', reasons: ['fits no column'] }])
})

test('same seed, same drill, whatever the number of children; another seed, other trials', async (t) => {
  const { orders } = await checked(t, 12)
  const run = async (options: DrillOptions) => (await drill(orders, { ...FEW, ...options })).results
  const one = await run({ children: 1 })
  assert.deepEqual(await run({ children: 2 }), one)
  assert.notDeepEqual(await run({ seed: 2 }), one)
})

const KILLED = corruptions.slice(0, 24).map(({ name }) => name)

test('a drill killed with kill -9 goes on where it was and gives what an uninterrupted one gives', async (t) => {
  const { orders, folder } = await checked(t, 14)
  const args = [
    'drill',
    'orders',
    '--batches',
    '4',
    '--fractions',
    '0.1',
    '--children',
    '2',
    '--corruptions',
    KILLED.join(),
  ]
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../../bin/fiable.mjs'), ...args], {
    cwd: folder,
    stdio: 'ignore',
  })
  const drills = path.join(folder, '.fiable', 'drills')
  const log = await linesIn(drills, 5)
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('exit', resolve))
  appendFileSync(log, '{"place":9,"corruption":"explicit-nu')
  const kept = readFileSync(log, 'utf8').split('\n').length - 1
  assert.ok(kept >= 5)
  const options: DrillOptions = { batches: 4, fractions: [0.1], seed: '1', corruptions: KILLED }
  const progress: number[] = []
  const resumed = await drill(orders, { ...options, onProgress: ({ done }) => progress.push(done) })
  assert.equal(progress[0], kept, 'what was finished is not done again')
  const uninterrupted = await drill(orders, { ...options, children: 1 })
  assert.deepEqual(resumed, uninterrupted)
})

/** Waits until the one log in a folder has so many lines. */
async function linesIn(folder: string, lines: number): Promise<string> {
  for (let wait = 0; wait < 600; wait++) {
    const [name] = await Promise.resolve()
      .then(() => readdirSync(folder))
      .catch((): string[] => [])
    if (name && readFileSync(path.join(folder, name), 'utf8').split('\n').length > lines)
      return path.join(folder, name)
    await pause(50)
  }
  throw new Error(`no ${lines} lines in ${folder}`)
}

test('an aborted drill ends its children and keeps what they finished', async (t) => {
  const { orders } = await checked(t, 12)
  const stop = new AbortController()
  const drilled = drill(orders, {
    ...FEW,
    signal: stop.signal,
    onProgress: ({ done }) => {
      if (done === 3) stop.abort()
    },
  })
  await assert.rejects(drilled, { code: 'CANCELLED' })
  const [log] = readdirSync(path.join(orders.store, 'drills'))
  assert.match(readFileSync(path.join(orders.store, 'drills', log!), 'utf8'), /^(\{.*\}\n){3,}$/)
})

test('every selector and shape can be drilled, drawn fractions too, and delays are told', async (t) => {
  const { orders } = await checked(t, 16)
  const { results, scorecard } = await drill(orders, {
    batches: 6,
    duration: 3,
    selectors,
    shapes,
    fractions: { drawn: 2 },
    corruptions: ['explicit-nulls', 'padding', 'clamp'],
  })
  assert.deepEqual([...new Set(results.map(({ selector }) => selector))].sort(), [...selectors].sort())
  assert.deepEqual([...new Set(results.map(({ shape }) => shape))].sort(), [...shapes].sort())
  for (const { fraction } of results) assert.ok(fraction > 0 && fraction <= 1)
  const ramp = results.filter(({ shape }) => shape === 'ramp')
  for (const { position, fraction, fullFraction } of ramp)
    assert.ok(Math.abs(fraction - (fullFraction * (position + 1)) / 3) < 1e-12)
  const told = scorecard.delays.find(
    ({ corruption, shape }) => corruption === 'explicit-nulls' && shape === 'step',
  )!
  assert.equal(told.batches.length, told.faults)
  assert.ok(told.batches.every((batches) => batches === null || (batches >= 1 && batches <= 3)))
  assert.ok(scorecard.lines.some(({ band: [low, high] }) => low < high))
})

test('up to three corruptions come at once', async (t) => {
  const { orders } = await checked(t, 11)
  const { results } = await drill(orders, { batches: 1, fractions: [0.3], atOnce: 3 })
  assert.ok(results.length > 20)
  for (const { corruptions: together } of results) assert.equal(new Set(together).size, 3)
})

test('a drill that cannot be is refused before it begins', async (t) => {
  const { orders } = await checked(t, 12)
  const refused = (options: DrillOptions, says: RegExp) =>
    assert.rejects(drill(orders, options), { code: 'BAD_ARGUMENT', message: says })
  await refused({ fractions: [0.001] }, /0\.001 of the largest batch \(150 rows\) is no row/)
  await refused({ fractions: [1.5] }, /fractions holds 1\.5/)
  await refused({ corruptions: ['nonsense'] }, /no corruption nonsense/)
  await refused({ selectors: ['all' as 'tail'] }, /selectors was all/)
  await refused({ shapes: [] }, /shapes was empty/)
  await refused({ atOnce: 4 }, /atOnce was 4/)
  await refused({ mostMs: 10 }, /up to [\d,]+ trials on 4 batches, about 1 min; more than/)
  const { trials } = await estimateDrill(orders, FEW)
  assert.equal(trials, 3 * (6 * 2 + 2))
})

test('a fire drill rings in every dimension and touches neither history nor budget', async (t) => {
  const world = await checked(t, 14)
  const before = await stored(world)
  const verdicts = await world.orders.verdicts()
  const fire = await fireDrill(world.orders, { atMs: 1_700_000_000_000 })
  assert.equal(await stored(world), before)
  assert.deepEqual(await world.orders.verdicts(), verdicts)
  assert.equal(fire.batch, verdicts.at(-1)!.batch)
  assert.deepEqual(
    fire.trials.map(({ dimension }) => dimension),
    ['conformity', 'uniqueness', 'completeness', 'integrity', 'consistency'],
  )
  assert.equal(fire.rang, 5)
  assert.deepEqual(await fireDrill(world.orders, { atMs: 1_700_000_000_000 }), fire)
})

test('a fire drill is due at first, and when its period has passed', () => {
  const last = { atMs: 0, batch: '', trials: [], rang: 0 }
  const day = 86_400_000
  assert.equal(isFireDrillDue('weekly', null, 0), true)
  assert.equal(isFireDrillDue('weekly', last, 6 * day), false)
  assert.equal(isFireDrillDue('weekly', last, 7 * day), true)
  assert.equal(isFireDrillDue('daily', last, day), true)
})

test('the command line prints a fire drill, and one that is not heard ends in exit code 1', async (t) => {
  const { folder, project } = await checked(t, 12)
  const rang = await runFiable(['drill', 'orders', '--fire'], folder)
  assert.equal(rang.code, 0, rang.stderr)
  assert.match(rang.stdout, /orders: fire drill of \w+, .* on orders-2024-03-12\.csv: 5 of 5 rang/)
  // Without a budget worth speaking of, hardly a score is an alert.
  await project.dataset('orders', { data: 'data', atMost: '0.000001/month' })
  const deaf = await runFiable(['drill', 'orders', '--fire'], folder)
  t.diagnostic(deaf.stdout.split('\n')[0]!)
  if (/5 of 5 rang/.test(deaf.stdout)) assert.equal(deaf.code, 0)
  else {
    assert.equal(deaf.code, 1)
    assert.match(deaf.stdout, /THE ALARM IS DEAF[\s\S]*silent {2}/)
  }
})

test('a drill of too short a history is refused', async (t) => {
  const { orders } = await checked(t, 5)
  await assert.rejects(drill(orders), { code: 'TOO_FEW_BATCHES' })
  await assert.rejects(fireDrill(orders, { atMs: 0 }), { code: 'TOO_FEW_BATCHES' })
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
  assert.doesNotMatch(scorecardPage('<b>"&', scorecardOf([])), /<b>"&/)
})

const planOf = (change: Partial<TrialPlan>): TrialPlan => ({
  corruptions,
  fractions: [0.5],
  columnsPerCorruption: 2,
  selectors: ['random'],
  shapes: ['once'],
  duration: 4,
  atOnce: 1,
  from: 0,
  seed: 1,
  ...change,
})

test('faults are the same for the same batch, and every target fits', () => {
  const table = tableOf({ n: [1, 2, 3, 4], t: ['a', 'b', 'a', 'c'] })
  const at = { table, batch: 'x', lasting: false }
  for (const corruption of corruptions) {
    assert.deepEqual(faultsOf(planOf({}), corruption, at), faultsOf(planOf({}), corruption, at))
    for (const target of targetsOf(corruption, table)) assert.equal(target.length, corruption.takes)
  }
})

test('selectors that look at another column are not drawn for a table without one', () => {
  const table = tableOf({ n: [1, 2, 3, 4] })
  const [nulls] = corruptions.filter(({ name }) => name === 'explicit-nulls')
  const drawn = (given: TrialPlan['selectors']) =>
    faultsOf(planOf({ selectors: given }), nulls!, { table, batch: 'x', lasting: false })
  assert.deepEqual(drawn(['segment']), [])
  assert.deepEqual(
    drawn(['segment', 'tail']).map(({ selector }) => selector),
    ['tail'],
  )
})

test('an intermittent fault rests between its batches', () => {
  const table = tableOf({ n: [1, 2, 3, 4] })
  const [fault] = faultsOf(planOf({ shapes: ['intermittent'] }), corruptions[30]!, {
    table,
    batch: 'x',
    lasting: true,
  })
  assert.deepEqual(
    [0, 1, 2, 3].map((position) => trialAt(fault!, position, 4) !== null),
    [true, false, false, true],
  )
})
