import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { before, test } from 'node:test'
import type { RowExplanation } from '../../src/api/schemas.ts'
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

test('the server explains and trains without keeping others waiting', { timeout: 120_000 }, async (t) => {
  const running = await runServer(folder)
  t.after(() => running.close())
  const blocked = longestBlock()
  t.after(() => blocked.end())
  const answer = await running.get('/api/datasets/orders/rows?batch=orders-2024-03-08.csv&rows=2')
  const explanation = (await answer.json()) as RowExplanation
  assert.equal(explanation.oddest[0]!.suspects[0]!.column, 'total')
  assert.equal(explanation.oddest.length, 2)
  const started = await running.post('/api/datasets/orders/train')
  assert.equal(started.status, 202)
  let training: { state: string; error: unknown }
  do {
    await new Promise((resolve) => setTimeout(resolve, 200))
    training = (await (await running.get('/api/datasets/orders/training')).json()) as typeof training
  } while (training.state === 'running')
  assert.deepEqual([training.state, training.error], ['done', null])
  const versions = (await (await running.get('/api/datasets/orders/models')).json()) as unknown[]
  assert.equal(versions.length, 3)
  const longest = blocked.end()
  t.diagnostic(`the event loop was blocked for at most ${longest.toFixed(0)} ms`)
  // Far above what a busy machine adds, far below what training or explaining take.
  assert.ok(longest < 1000, `${longest}`)
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

/** How long a timer that should fire every 10 ms was late at most. */
function longestBlock() {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 10)
    last = now
  }, 10)
  return {
    end: () => {
      clearInterval(timer)
      return longest
    },
  }
}
