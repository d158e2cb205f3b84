import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { before, test } from 'node:test'
import type { Job, RowExplanation } from '../../src/api/schemas.ts'
import type { ModelVersion } from '../../src/tracking/models.ts'
import { runServer } from '../api/running-server.ts'
import { writeOrders } from '../orders.ts'
import { MAIN, runFiable } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

const folder = tempFolder()
const store = path.join(folder, 'store')
const DAYS = 8
const QUICK = [
  '--set',
  'autoencoder.steps=600',
  '--set',
  'autoencoder.width=32',
  '--set',
  'isolation-forest.trees=30',
]

before(async () => {
  await writeOrders(path.join(folder, 'data'), DAYS, (rows, day) =>
    day === DAYS ? rows.map((row, i) => (i === 5 ? { ...row, total: '99999.00' } : row)) : rows,
  )
  const { code, stderr } = await runFiable(['check', 'data', '--name', 'orders', '--store', store], folder)
  assert.notEqual(code, 2, stderr)
})

const fiable = (...args: string[]) => runFiable([...args, '--store', store], folder)

test('before a training, models says how to train, and explain what is missing', async () => {
  assert.match((await fiable('models')).stdout, /fiable train DATASET/)
  const { code, stderr } = await fiable('explain', 'orders', '--rows')
  assert.equal(code, 2)
  assert.match(stderr, /NOT_FOUND.*no row model/)
})

test('a dataset that is unknown, and a setting that is none, are refused with the known ones', async () => {
  const unknown = await fiable('train', 'nothing')
  assert.match(unknown.stderr, /There is no dataset nothing; known: orders/)
  const setting = await fiable('train', 'orders', '--set', 'autoencoder.depth=3')
  assert.match(setting.stderr, /BAD_ARGUMENT.*autoencoder.depth=3[\s\S]*isolation-forest.trees/)
  const range = await fiable('train', 'orders', '--set', 'autoencoder.steps=1')
  assert.match(range.stderr, /autoencoder was given steps = 1, but it must be a whole number from 200/)
  const member = await fiable('train', 'orders', '--model', 'oracle')
  assert.match(member.stderr, /oracle is no member/)
})

test('a training that is killed with kill -9 goes on with what is complete', {
  timeout: 120_000,
}, async () => {
  const long = ['--seed', 'killed', '--set', 'autoencoder.steps=6000', '--set', 'autoencoder.width=64']
  const first = spawn(process.execPath, [MAIN, 'train', 'orders', ...long, '--store', store], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  for await (const chunk of first.stderr) {
    said += String(chunk)
    if (said.includes('train-round-1')) first.kill('SIGKILL')
  }
  if (first.exitCode === null && first.signalCode === null) await once(first, 'exit')
  assert.equal(first.signalCode, 'SIGKILL')
  assert.match((await fiable('runs')).stdout, /its runner is gone/)
  const { code, stderr } = await fiable('train', 'orders', ...long)
  assert.equal(code, 0, stderr)
  assert.match(stderr, /going on with run \d+/)
  assert.doesNotMatch(stderr, /✓ (prepare|train-round-1)\n/)
  assert.match(stderr, /✓ train-round-6\n/)
})

test('train registers a version, models lists it, and explain names the bad cell', {
  timeout: 120_000,
}, async () => {
  const trained = await fiable('train', 'orders', ...QUICK, '--owner', 'Ada')
  assert.equal(trained.code, 0, trained.stderr)
  assert.match(trained.stdout, /orders-rows version 2: isolation-forest \+ nearest-neighbours/)
  assert.match(trained.stdout, /test: AUROC 0\.\d+, \d+\.\d % of spoiled rows/)
  assert.match(trained.stdout, /left out: order_id \(numbers the rows\)/)
  const file = /file: (\S+)/.exec(trained.stdout)![1]!
  assert.ok(existsSync(file))
  const [version] = JSON.parse((await fiable('models', '--format', 'json')).stdout) as ModelVersion[]
  assert.equal(version!.owner, 'Ada')
  const explained = await fiable('explain', 'orders', '--rows', '1', '--format', 'json')
  const { oddest } = JSON.parse(explained.stdout) as RowExplanation
  assert.equal(oddest[0]!.suspects[0]!.column, 'total')
  assert.match((await fiable('explain', 'orders', '--rows')).stdout, /◆ total is 99999, expected \d/)
})

test('the server explains, trains and checks without keeping others waiting', {
  timeout: 120_000,
}, async (t) => {
  const running = await runServer(folder)
  t.after(() => running.close())
  const untilDone = async (route: string, jobOf: (answer: never) => Job): Promise<void> => {
    let job: Job
    do {
      await new Promise((resolve) => setTimeout(resolve, 100))
      job = jobOf((await (await running.get(route)).json()) as never)
    } while (job.state === 'running')
    assert.deepEqual([job.state, job.error], ['done', null])
  }
  // The first answer of a server loads what it needs: that is its start.
  for (const route of ['', '/orders', '/orders/models'])
    assert.equal((await running.get(`/api/datasets${route}`)).status, 200)
  const turns = watchTurns()
  t.after(() => turns.end())
  const answer = await running.get('/api/datasets/orders/rows?batch=orders-2024-03-08.csv&rows=2')
  const explanation = (await answer.json()) as RowExplanation
  assert.equal(explanation.oddest[0]!.suspects[0]!.column, 'total')
  assert.equal(explanation.oddest.length, 2)
  assert.equal((await running.post('/api/datasets/orders/train')).status, 202)
  await untilDone('/api/datasets/orders/training', (job) => job)
  const versions = (await (await running.get('/api/datasets/orders/models')).json()) as unknown[]
  assert.equal(versions.length, 3)
  // A new batch: checked and scored by the model.
  await writeOrders(path.join(folder, 'data'), DAYS + 1, (rows) => rows)
  assert.equal((await running.post('/api/datasets/orders/check')).status, 202)
  await untilDone('/api/datasets/orders', ({ job }: { readonly job: Job }) => job)
  const { workedMs, lateMs } = turns.end()
  t.diagnostic(
    `longest turn of the event loop: ${workedMs.toFixed(0)} ms of work, ${lateMs.toFixed(0)} ms late on the clock`,
  )
  assert.ok(workedMs < 50, `${workedMs}`)
  // A busy machine keeps every process waiting.
  assert.ok(lateMs < 1000, `${lateMs}`)
})

test('the server refuses what is unknown', async (t) => {
  const other = tempFolder(t)
  const running = await runServer(other)
  t.after(() => running.close())
  for (const route of [
    '/api/datasets/none/models',
    '/api/datasets/none/rows?batch=a',
    '/api/datasets/none/training',
  ])
    assert.equal((await running.get(route)).status, 404)
  assert.equal((await running.post('/api/datasets/none/train')).status, 404)
  assert.equal((await running.get('/api/datasets/none/rows?batch=a&rows=0')).status, 400)
  assert.deepEqual(await (await running.get('/api/models')).json(), [])
})

/** The longest turn of this thread's event loop: what the thread worked in it, and how late a timer was on the clock. */
function watchTurns() {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  let workedMs = 0
  let last = process.threadCpuUsage()
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last)
    workedMs = Math.max(workedMs, (user + system) / 1000)
    last = process.threadCpuUsage()
  }, 5)
  return {
    end() {
      clearInterval(timer)
      delay.disable()
      return { workedMs, lateMs: delay.max / 1e6 }
    },
  }
}
