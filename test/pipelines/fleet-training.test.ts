import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { componentBook } from '../../src/pipelines/component-book.ts'
import { builtInComponents } from '../../src/pipelines/components/index.ts'
import type { DriveOptions } from '../../src/pipelines/drive-run.ts'
import { fleetExecutor } from '../../src/pipelines/fleet-executor.ts'
import { openQueue } from '../../src/pipelines/queue.ts'
import { runPipeline } from '../../src/pipelines/run-pipeline.ts'
import { trainingPipeline } from '../../src/pipelines/train-pipeline.ts'
import { listExecutions } from '../../src/tracking/executions.ts'
import { folderObjects, type Objects } from '../../src/tracking/objects.ts'
import { versionOf } from '../../src/tracking/registry.ts'
import { s3Objects } from '../../src/tracking/s3-objects.ts'
import { openStore, type Store } from '../../src/tracking/store.ts'
import { type NetworkNamespaces, networkNamespaces } from '../network-namespaces.ts'
import { writeOrders } from '../orders.ts'
import { startPostgres } from '../postgres.ts'
import { MAIN, runFiable } from '../run-fiable.ts'
import { s3Server } from '../s3-server.ts'
import { tempFolder } from '../temp-folder.ts'
import { cuttableWay } from './cut-connections.ts'

const postgres = await startPostgres()
after(() => postgres.stop())
const folder = tempFolder()
/** The folder of artifacts that all machines share. */
const shared = path.join(folder, '.fiable')
const settings = { autoencoder: { steps: 600, width: 16 }, 'isolation-forest': { trees: 30 } }

before(async () => {
  await writeOrders(path.join(folder, 'data'), 6)
  const { code, stderr } = await runFiable(
    ['check', 'data', '--name', 'orders', '--store', postgres.url],
    folder,
  )
  assert.notEqual(code, 2, stderr)
})

interface WorkerPlace {
  readonly store: string
  readonly artifacts: string
  /** What it is started with. */
  readonly within?: readonly string[]
}

function startWorker(t: TestContext, { store, artifacts, within = [] }: WorkerPlace): ChildProcess {
  const worker = [process.execPath, MAIN, 'worker', '--store', store, '--artifacts', artifacts]
  const [program, ...args] = [...within, ...worker, '--parallel', '1']
  const child = spawn(program!, args, { cwd: tempFolder(t), stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

/** The database and the bucket at addresses that are reached from every network. */
async function reachable(t: TestContext, networks: NetworkNamespaces | null, bucket: string) {
  if (!networks) return { store: postgres.url, artifacts: bucket }
  const place = new URL(bucket)
  const database = await cuttableWay(postgres.url, networks.address)
  const server = await cuttableWay(place.searchParams.get('endpoint')!, networks.address)
  t.after(() => {
    database.close()
    server.close()
  })
  place.searchParams.set('endpoint', server.url.replace(/\/$/, ''))
  return { store: database.url, artifacts: place.href }
}

async function fleet(
  t: TestContext,
  objectsOf: (store: Store) => Promise<Objects>,
): Promise<DriveOptions & { readonly store: Store }> {
  const store = await openStore(postgres.url, shared)
  const executor = fleetExecutor({ store, queue: await openQueue(postgres.url), leaseMs: 3000 })
  t.after(async () => {
    await executor.close()
    await store.close()
  })
  const book = componentBook(builtInComponents)
  return { store, objects: await objectsOf(store), executor, book, now: Date.now, useCache: false }
}

const { graph } = trainingPipeline({ name: 'train', about: 'Trains in shards.', shards: 3, rounds: 3 })

/** Every step of a run that is complete, each once. */
async function completeOnce({ db }: Store, runId: number): Promise<readonly string[]> {
  const executions = await listExecutions(db, runId)
  const done = executions.filter(({ state }) => state === 'COMPLETE').map(({ path: step }) => step)
  assert.equal(new Set(done).size, done.length, 'a step is complete twice')
  return done
}

test('three workers in networks of their own train in shards through S3, two are killed with kill -9 at random, and the model is registered once', {
  timeout: 180_000,
}, async (t) => {
  const place = await s3Server(t)
  const own = await fleet(t, (store) => s3Objects(place, store.artifacts))
  const networks = networkNamespaces(t, 3)
  const { store, artifacts } = await reachable(t, networks, place)
  const workers = [0, 1, 2].map((number) =>
    startWorker(t, { store, artifacts, within: networks?.within(number) ?? [] }),
  )
  const moments = [4 + Math.floor(5 * Math.random()), 10 + Math.floor(8 * Math.random())]
  t.diagnostic(`killed after ${moments.join(' and ')} steps`)
  let complete = 0
  const { state, error, runId, outputs } = await runPipeline(graph, {
    ...own,
    parameters: { store, artifacts: shared, dataset: 'orders', settings, seed: 'killed' },
    onEvent: (event) => {
      if (event.state === 'COMPLETE' && ++complete === moments[0]) workers[0]!.kill('SIGKILL')
      if (event.state === 'COMPLETE' && complete === moments[1]) workers[1]!.kill('SIGKILL')
    },
  })
  assert.equal(state, 'COMPLETE', error ?? '')
  const done = await completeOnce(own.store, runId)
  assert.equal(done.filter((step) => step.includes('/train-')).length, 3 + 3 * 3)
  assert.deepEqual(outputs.version, { kind: 'parameter', value: 1 })
  const version = await versionOf(own.store.db, 'orders-rows')
  assert.equal(version.version, 1)
  assert.ok(version.metrics.auroc! > 0.7)
  assert.ok(version.artifactId !== null && version.executionId !== null)
})

test('a training goes on after the database was killed with kill -9 in the middle of it', {
  timeout: 180_000,
}, async (t) => {
  const own = await fleet(t, async (store) => folderObjects(store.artifacts))
  startWorker(t, { store: postgres.url, artifacts: shared })
  startWorker(t, { store: postgres.url, artifacts: shared })
  let complete = 0
  let restarted: Promise<void> | undefined
  const { state, error, runId } = await runPipeline(graph, {
    ...own,
    parameters: { store: postgres.url, artifacts: shared, dataset: 'orders', settings, seed: 'crash' },
    onEvent: (event) => {
      if (event.state === 'COMPLETE' && ++complete === 6) restarted = postgres.killAndRestart(2000)
    },
  })
  await restarted
  assert.ok(restarted, 'the database was not killed')
  assert.equal(state, 'COMPLETE', error ?? '')
  assert.equal((await completeOnce(own.store, runId)).includes('average-3'), true)
  assert.equal((await versionOf(own.store.db, 'orders-rows')).version, 2)
})
