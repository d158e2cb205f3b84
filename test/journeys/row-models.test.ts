import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { before, test } from 'node:test'
import type { Job, RowExplanation } from '../../src/api/schemas.ts'
import type { RowModelOrder, RowModelReply } from '../../src/row-models/run-in-child.ts'
import type { ModelVersion } from '../../src/tracking/models.ts'
import { runServer } from '../api/running-server.ts'
import { writeOrders } from '../orders.ts'
import { runFiable } from '../run-fiable.ts'
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

test('a training that is killed goes on from its checkpoint', { timeout: 120_000 }, async () => {
  const request = { seed: 'killed', settings: { autoencoder: { steps: 20_000, learningRate: 1e-4 } } }
  const order: RowModelOrder = { store, dataset: 'orders', task: { kind: 'train', request } }
  const worker = new URL('../../src/cli/row-model-worker.ts', import.meta.url)
  const runsSeen = (isEnough: (done: number) => boolean): Promise<number[]> =>
    new Promise((resolve) => {
      const child = fork(worker, { serialization: 'advanced' })
      const seen: number[] = []
      child.on('message', (message) => {
        const reply = message as RowModelReply
        if (reply.kind !== 'progress' || reply.stage !== 'training the autoencoder') return
        seen.push(reply.done)
        if (isEnough(reply.done)) child.kill('SIGKILL')
      })
      child.on('exit', () => resolve(seen))
      child.send(order)
    })
  const first = await runsSeen((done) => done >= 2)
  assert.equal(first[0], 0)
  assert.ok(readdirSync(store).some((file) => file.endsWith('.checkpoint')))
  const second = await runsSeen(() => true)
  assert.ok(second[0]! >= 2, `began again at run ${second[0]}`)
})

test('train registers a version, models lists it, and explain names the bad cell', {
  timeout: 120_000,
}, async () => {
  const trained = await fiable('train', 'orders', ...QUICK, '--owner', 'Ada')
  assert.equal(trained.code, 0, trained.stderr)
  assert.match(trained.stdout, /orders-rows version 1: isolation-forest \+ nearest-neighbours/)
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
  assert.equal(versions.length, 2)
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
