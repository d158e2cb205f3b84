import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { componentBook, loadComponents } from '../../src/pipelines/component-book.ts'
import type { DriveOptions } from '../../src/pipelines/drive-run.ts'
import { fleetExecutor } from '../../src/pipelines/fleet-executor.ts'
import { openQueue } from '../../src/pipelines/queue.ts'
import { resumeRun, runPipeline } from '../../src/pipelines/run-pipeline.ts'
import { listExecutions } from '../../src/tracking/executions.ts'
import { folderObjects, type Objects } from '../../src/tracking/objects.ts'
import { requestCancel } from '../../src/tracking/runs.ts'
import { s3Objects } from '../../src/tracking/s3-objects.ts'
import { openStore } from '../../src/tracking/store.ts'
import { startPostgres } from '../postgres.ts'
import { MAIN } from '../run-fiable.ts'
import { s3Server } from '../s3-server.ts'
import { tempFolder } from '../temp-folder.ts'
import { cuttableWay } from './cut-connections.ts'
import { SAMPLE_COMPONENTS } from './sample-components.ts'
import { shards } from './shards.ts'

const postgres = await startPostgres()
after(() => postgres.stop())

/** A worker as a process of its own. */
function startWorker(t: TestContext, artifacts: string, cwd: string, url = postgres.url): ChildProcess {
  const args = ['worker', '--store', url, '--artifacts', artifacts, '--components', SAMPLE_COMPONENTS]
  const child = spawn(process.execPath, [MAIN, ...args, '--parallel', '2'], { cwd, stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

async function fleet(
  t: TestContext,
  objectsOf: (folder: string) => Promise<Objects>,
  folder: string,
  url = postgres.url,
) {
  const store = await openStore(url, folder)
  const executor = fleetExecutor({ store, queue: await openQueue(url), leaseMs: 3000 })
  t.after(async () => {
    await executor.close()
    await store.close()
  })
  const book = componentBook(await loadComponents([SAMPLE_COMPONENTS]))
  const options: DriveOptions = {
    store,
    objects: await objectsOf(folder),
    executor,
    book,
    now: Date.now,
    useCache: false,
  }
  return { ...options, store }
}

const folderFleet = (t: TestContext, folder: string, url = postgres.url) =>
  fleet(t, async () => folderObjects((await openStore(folder)).artifacts), folder, url)

test('three workers share the steps through S3; two are killed, and every step is complete once', {
  timeout: 120_000,
}, async (t) => {
  const place = await s3Server(t)
  const workers = [0, 1, 2].map(() => startWorker(t, place, tempFolder(t)))
  const own = await fleet(
    t,
    async (folder) => s3Objects(place, (await openStore(folder)).artifacts),
    tempFolder(t),
  )
  let complete = 0
  const onEvent = ({ state }: { state: string }): void => {
    if (state === 'COMPLETE') complete++
    if (complete === 4) workers[0]!.kill('SIGKILL')
    if (complete === 9) workers[1]!.kill('SIGKILL')
  }
  const { state, outputs, runId, error } = await runPipeline(shards.graph, {
    ...own,
    parameters: { ms: 400, base: 1 },
    onEvent,
  })
  assert.equal(state, 'COMPLETE', error ?? '')
  assert.deepEqual(outputs.total, { kind: 'parameter', value: 66 })
  const executions = await listExecutions(own.store.db, runId)
  const done = executions
    .filter((execution) => execution.state === 'COMPLETE')
    .map(({ path: where }) => where)
  assert.equal(done.length, 26)
  assert.equal(new Set(done).size, 26)
  assert.ok(
    executions.some(({ epoch }) => epoch > 1),
    'no step changed its worker',
  )
})

test('a step whose worker died between taking and beginning it is given to another', {
  timeout: 60_000,
}, async (t) => {
  const folder = tempFolder(t)
  const own = await folderFleet(t, folder)
  const queue = await openQueue(postgres.url)
  t.after(() => queue.close())
  const run = runPipeline(shards.graph, { ...own, parameters: { ms: 1, base: 4 } })
  let taken = 0
  while (taken < 3) taken += (await queue.take(3 - taken)).length
  startWorker(t, folder, tempFolder(t))
  assert.equal((await run).state, 'COMPLETE')
})

test('a killed driver is followed by another, which takes over what workers do', {
  timeout: 120_000,
}, async (t) => {
  const folder = tempFolder(t)
  startWorker(t, folder, tempFolder(t))
  const script = path.join(import.meta.dirname, 'drive-and-die.ts')
  const driver = spawn(process.execPath, [script, postgres.url, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const chunk of driver.stdout) {
    said += String(chunk)
    if (said.split('COMPLETE').length > 4) break
  }
  driver.kill('SIGKILL')
  const runId = Number(/run (\d+)/.exec(said)![1])
  const own = await folderFleet(t, folder)
  const { state, outputs } = await resumeRun(runId, own)
  assert.equal(state, 'COMPLETE')
  assert.deepEqual(outputs.total, { kind: 'parameter', value: 66 })
  const executions = await listExecutions(own.store.db, runId)
  const paths = executions
    .filter((execution) => execution.state === 'COMPLETE')
    .map(({ path: where }) => where)
  assert.equal(paths.length, new Set(paths).size)
})

test('driver and worker get over a database that is away for a while', { timeout: 90_000 }, async (t) => {
  const way = await cuttableWay(postgres.url)
  t.after(() => way.close())
  const folder = tempFolder(t)
  const own = await folderFleet(t, folder, way.url)
  startWorker(t, folder, tempFolder(t), way.url)
  let complete = 0
  const onEvent = ({ state }: { state: string }): void => {
    if (state !== 'COMPLETE' || ++complete !== 5) return
    way.cut()
    setTimeout(way.mend, 2500)
  }
  const { state, runId, error } = await runPipeline(shards.graph, {
    ...own,
    parameters: { ms: 300, base: 6 },
    onEvent,
  })
  assert.equal(state, 'COMPLETE', error ?? '')
  const executions = await listExecutions(own.store.db, runId)
  const paths = executions
    .filter((execution) => execution.state === 'COMPLETE')
    .map(({ path: where }) => where)
  assert.equal(paths.length, 26)
  assert.equal(new Set(paths).size, 26)
})

test('a cancelled run ends, and its workers stop what they do', { timeout: 60_000 }, async (t) => {
  const folder = tempFolder(t)
  startWorker(t, folder, tempFolder(t))
  const own = await folderFleet(t, folder)
  const cancelSoon = (id: number): void => void pause(2500).then(() => requestCancel(own.store.db, id))
  const result = await runPipeline(shards.graph, {
    ...own,
    parameters: { ms: 50_000, base: 2 },
    onRun: cancelSoon,
  })
  assert.equal(result.state, 'ABORT')
  const again = await runPipeline(shards.graph, { ...own, parameters: { ms: 1, base: 3 } })
  assert.equal(again.state, 'COMPLETE')
})

test('a file in a bucket that is not what its digest says is refused', async (t) => {
  const place = await s3Server(t)
  const [here, there] = [await openStore(tempFolder(t)), await openStore(tempFolder(t))]
  t.after(async () => {
    await here.close()
    await there.close()
  })
  const objects = await s3Objects(place, here.artifacts)
  const file = objects.scratch('.txt')
  writeFileSync(file, 'what it was')
  const digest = await objects.adopt(file)
  const elsewhere = await s3Objects(place, there.artifacts)
  assert.equal(readFileSync(await elsewhere.pathOf(digest), 'utf8'), 'what it was')
  assert.equal(await elsewhere.has('0'.repeat(64)), false)
  await assert.rejects(elsewhere.pathOf('0'.repeat(64)), { code: 'STORE_CORRUPT' })
  writeFileSync(there.artifacts.pathOf(digest), 'something else')
  await assert.rejects(elsewhere.pathOf(digest), /its content has the digest/)
  assert.deepEqual(readdirSync(path.join(here.folder, 'artifacts', 'tmp')), [])
  await assert.rejects(
    (await s3Objects('s3://artifacts/x?endpoint=http://127.0.0.1:1', here.artifacts)).has('a'),
    {
      code: 'NOT_READABLE',
    },
  )
})
