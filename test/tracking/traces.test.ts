import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { open } from '../../src/monitor/project.ts'
import {
  claimExecution,
  completeFromCache,
  endExecution,
  findExecution,
  type NewArtifact,
  startExecution,
} from '../../src/tracking/executions.ts'
import { artifactsNamed, lineageOf, lineageOfAlert } from '../../src/tracking/lineage.ts'
import { metricHistory, metricsOfRun, recordMetrics } from '../../src/tracking/metrics.ts'
import { modelCard, modelCardPage } from '../../src/tracking/model-card.ts'
import { runEvents, sendRunEvents } from '../../src/tracking/openlineage.ts'
import { listProjects, projectNamed } from '../../src/tracking/projects.ts'
import { listVersions, registerVersion, setAlias, versionOf } from '../../src/tracking/registry.ts'
import { claimRun, createRun, endRun, listRuns, type RunClaim } from '../../src/tracking/runs.ts'
import { openStore, type Store } from '../../src/tracking/store.ts'
import { writeOrders } from '../orders.ts'
import { startPostgres } from '../postgres.ts'
import { tempFolder } from '../temp-folder.ts'

const postgres = await startPostgres()
after(() => postgres.stop())

const places = { SQLite: () => tempFolder(), PostgreSQL: () => postgres.url }
const file = (digest: string, type = 'Dataset', metadata = {}): NewArtifact => ({
  type,
  name: 'data',
  digest,
  uri: `artifact:${digest}`,
  bytes: 10,
  metadata,
})

async function storeAt(t: TestContext, place: string): Promise<Store> {
  const store = await openStore(place, tempFolder(t))
  t.after(() => store.close())
  return store
}

async function newRun(store: Store, project = 'default'): Promise<{ claim: RunClaim; projectId: number }> {
  const { id: projectId } = await projectNamed(store.db, project, 1)
  const run = await createRun(store.db, { projectId, pipeline: 'p', parameters: {}, graph: {}, nowMs: 1 })
  return { claim: await claimRun(store.db, run, 'me'), projectId }
}

/** One complete execution; returns its output's artifact id. */
async function execute(
  store: Store,
  claim: RunClaim,
  from: readonly number[],
  output: NewArtifact,
  projectId = 1,
) {
  const { id } = await startExecution(store.db, claim, {
    path: `step-${output.digest}`,
    component: 'c',
    version: '1',
    codeVersion: 'fiable@0',
    host: 'here',
    parameters: { x: 1 },
    inputs: { data: from },
    cacheKey: output.digest,
    nowMs: 2,
  })
  const held = await claimExecution(store.db, id, { owner: 'me', host: 'here', nowMs: 3 })
  const outcome = { state: 'COMPLETE', parameters: {}, artifacts: { data: output } } as const
  const end = { projectId, nowMs: 4, logDigest: null, resources: null, outcome }
  const outputs = await endExecution(store.db, held!, end)
  return { id, artifact: outputs!.artifacts.data!.id }
}

for (const [name, place] of Object.entries(places)) {
  test(`${name}: lineage goes back to what a file was made of, and forward to what was made of it`, async (t) => {
    const store = await storeAt(t, place())
    const { claim, projectId } = await newRun(store, 'lineage')
    const raw = await execute(store, claim, [], file('aa', 'Dataset', { rows: 7 }), projectId)
    const other = await execute(store, claim, [], file('bb'), projectId)
    const model = await execute(store, claim, [raw.artifact, other.artifact], file('cc', 'Model'), projectId)
    const report = await execute(store, claim, [model.artifact], file('dd', 'Html'), projectId)
    const back = await lineageOf(store.db, [report.artifact], { direction: 'back' })
    assert.deepEqual(back.artifacts.map(({ digest }) => digest).sort(), ['aa', 'bb', 'cc', 'dd'])
    assert.equal(back.executions.length, 4)
    assert.equal(back.artifacts.find(({ digest }) => digest === 'aa')?.rows, 7)
    const forward = await lineageOf(store.db, await artifactsNamed(store.db, 'a'), { direction: 'forward' })
    assert.deepEqual(forward.artifacts.map(({ digest }) => digest).sort(), ['aa', 'cc', 'dd'])
    const near = await lineageOf(store.db, [report.artifact], { direction: 'back', depth: 1 })
    assert.equal(near.isCut, true)
    await assert.rejects(artifactsNamed(store.db, 'ff'), { code: 'NOT_FOUND' })
  })

  test(`${name}: an attempt ends once, and a stale owner's end is not recorded`, async (t) => {
    const store = await storeAt(t, place())
    const { claim, projectId } = await newRun(store, 'stale')
    const step = {
      path: 's',
      component: 'c',
      version: '1',
      codeVersion: '',
      host: '',
      parameters: {},
      inputs: {},
    }
    const { id } = await startExecution(store.db, claim, { ...step, cacheKey: null, nowMs: 1 })
    const [first, second] = [
      await claimExecution(store.db, id, { owner: 'first', host: '', nowMs: 1 }),
      await claimExecution(store.db, id, { owner: 'second', host: '', nowMs: 1 }),
    ]
    const outcome = { state: 'COMPLETE', parameters: { n: 1 }, artifacts: { data: file('ee') } } as const
    const end = { projectId, nowMs: 4, logDigest: null, resources: null, outcome }
    assert.equal(await endExecution(store.db, first!, end), null)
    assert.ok(await endExecution(store.db, second!, end))
    assert.equal(await endExecution(store.db, second!, end), null)
    assert.equal(await claimExecution(store.db, id, { owner: 'third', host: '', nowMs: 1 }), null)
    assert.equal((await artifactsNamed(store.db, 'ee')).length, 1)
  })

  test(`${name}: projects keep their runs apart, and one owner writes at a time`, async (t) => {
    const store = await storeAt(t, place())
    const { claim, projectId } = await newRun(store, 'mine')
    const theirs = await newRun(store, 'theirs')
    assert.deepEqual(
      (await listRuns(store.db, { projectId })).map(({ id }) => id),
      [claim.runId],
    )
    assert.ok((await listProjects(store.db)).some((project) => project.name === 'theirs'))
    const end = { state: 'COMPLETE', error: null, nowMs: 9 } as const
    await endRun(store.db, claim, end)
    await assert.rejects(endRun(store.db, { ...theirs.claim, epoch: 7 }, end), { code: 'CONFLICT' })
  })

  test(`${name}: metrics keep their history, NaN included`, async (t) => {
    const store = await storeAt(t, place())
    const { claim, projectId } = await newRun(store, 'metrics')
    const { id } = await execute(store, claim, [], file('f0', 'Metrics', { auc: 0.9, note: 'x' }), projectId)
    const points = [1, Number.NaN, Number.POSITIVE_INFINITY].map((value, step) => ({
      name: 'loss',
      step,
      value,
    }))
    await recordMetrics(store.db, { runId: claim.runId, executionId: id, nowMs: 1 }, points)
    assert.deepEqual(
      (await metricHistory(store.db, claim.runId, 'loss')).map(({ value }) => value),
      [1, Number.NaN, Number.POSITIVE_INFINITY],
    )
    assert.equal((await metricsOfRun(store.db, claim.runId)).get('auc'), 0.9)
  })

  test(`${name}: a cached execution points to the one it stands on and gives the same files`, async (t) => {
    const store = await storeAt(t, place())
    const { claim, projectId } = await newRun(store, 'cache')
    const made = await execute(store, claim, [], file('f7'), projectId)
    const earlier = (await findExecution(store.db, made.id))!
    const again = await startExecution(store.db, claim, { ...earlier, inputs: {}, cacheKey: 'k', nowMs: 1 })
    await completeFromCache(store.db, again.id, { earlier, nowMs: 2 })
    assert.equal((await findExecution(store.db, again.id))?.cachedFrom, made.id)
    const { executions } = await lineageOf(store.db, [made.artifact], { direction: 'back' })
    assert.deepEqual(
      executions.map(({ id }) => id),
      [made.id, again.id],
    )
  })

  test(`${name}: a model has versions, evidence, aliases and a card`, async (t) => {
    const store = await storeAt(t, place())
    const dataset = await store.db
      .insertInto('dataset')
      .values({ name: 'orders', declaration: '{}', created_ms: 1 })
      .returning('id')
      .executeTakeFirstOrThrow()
    const model = {
      datasetId: dataset.id,
      name: 'orders-rows',
      description: 'Finds odd <orders> | rows.',
      owner: 'Ada',
      uri: 'artifact:cc',
      keptDigest: null,
      modelType: 'isolation-forest',
      trainingFramework: { name: 'fiable', version: '0.1.0' },
      hyperparameters: { trees: 100 },
      labels: { team: 'data' },
      lastSlot: 3,
      createdMs: Date.UTC(2026, 0, 2),
    }
    await registerVersion(store.db, model, { metrics: { caught: 0.91 }, signature: { inputs: ['total'] } })
    const second = await registerVersion(store.db, model, { metrics: { caught: 0.95 } })
    assert.deepEqual(second.aliases, ['challenger'])
    assert.equal((await versionOf(store.db, 'orders-rows', 'champion')).version, 1)
    await setAlias(store.db, { name: 'orders-rows', alias: 'champion', version: 2, nowMs: 5 })
    assert.deepEqual((await versionOf(store.db, 'orders-rows')).aliases, ['challenger', 'champion'])
    assert.deepEqual(
      (await listVersions(store.db)).map(({ version }) => version),
      [2, 1],
    )
    const card = modelCard(await versionOf(store.db, 'orders-rows', '1'))
    assert.match(
      card,
      /# orders-rows, version 1\n\nFinds odd <orders>[\s\S]*Owner \| Ada[\s\S]*caught \| 0.91[\s\S]*trees \| 100/,
    )
    assert.match(
      modelCardPage(second),
      /<p>Finds odd &lt;orders&gt; \| rows\.<\/p>[\s\S]*<tr><td>Owner<\/td><td>Ada<\/td>/,
    )
    await assert.rejects(versionOf(store.db, 'orders-rows', '9'), { code: 'NOT_FOUND' })
    await assert.rejects(setAlias(store.db, { name: 'orders-rows', alias: 'x', version: 9, nowMs: 1 }), {
      code: 'NOT_FOUND',
    })
    await assert.rejects(setAlias(store.db, { name: 'orders-rows', alias: '2', version: 1, nowMs: 1 }), {
      code: 'BAD_ARGUMENT',
    })
  })
}

test('an alert leads back to the data, its content and the batches it was judged against', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), 5)
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  t.after(() => project.close())
  const orders = await project.dataset('orders', { data: 'data/orders-*.csv' })
  await orders.check()
  const { db } = project.store
  const found = await lineageOfAlert(db, 'orders', 'orders-2024-03-04.csv')
  assert.match(found.input.uri, /orders-2024-03-04\.csv$/)
  assert.match(found.input.contentHash, /^[0-9a-f]{16,}$/)
  assert.equal(found.input.rows, 300)
  assert.deepEqual(found.affects, ['orders-2024-03-05.csv'])
  assert.deepEqual(
    found.baseline.map(({ batch }) => batch),
    ['orders-2024-03-01.csv', 'orders-2024-03-02.csv', 'orders-2024-03-03.csv'],
  )
  assert.ok(existsSync(project.store.artifacts.pathOf(found.outputs.profileDigest)))
  await assert.rejects(lineageOfAlert(db, 'orders', 'nope'), { code: 'NOT_FOUND' })
})

const SPEC = path.join(import.meta.dirname, '../../../shared/standards/openlineage/spec')

test('the events of a run are OpenLineage, each facet included, and reach a file and a server', async (t) => {
  const store = await storeAt(t, tempFolder())
  const { claim } = await newRun(store)
  const raw = await execute(store, claim, [], file('aa', 'Dataset', { rows: 7 }))
  await execute(store, claim, [raw.artifact], file('cc', 'Model'))
  await endRun(store.db, claim, { state: 'FAIL', error: 'no luck', nowMs: 9 })
  const events = await runEvents(store.db, claim.runId)
  assert.deepEqual(
    events.map(({ eventType }) => eventType),
    ['START', 'START', 'START', 'COMPLETE', 'COMPLETE', 'FAIL'],
  )
  const target = path.join(tempFolder(t), 'events.ndjson')
  await sendRunEvents(events, target)
  assert.equal(readFileSync(target, 'utf8').trim().split('\n').length, 6)
  assert.equal(await receivedBy(t, (url) => sendRunEvents(events, url)), 6)
  await assert.rejects(sendRunEvents(events, 'http://127.0.0.1:1/'), { code: 'NOT_READABLE' })
  if (!existsSync(SPEC)) {
    assert.ok(!process.env.CI, `${SPEC} is missing`)
    return t.skip('the OpenLineage schemas are not here')
  }
  await validate(events)
})

async function receivedBy(t: TestContext, send: (url: string) => Promise<void>): Promise<number> {
  let count = 0
  const server = createServer((request, response) => {
    count++
    request.resume()
    response.end()
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/lineage`)
  return count
}

/** Checks an event against the specification, and each of its facets against the schema it names. */
async function validate(events: readonly object[]): Promise<void> {
  const [{ Ajv2020 }, { default: formats }] = await Promise.all([
    import('ajv/dist/2020.js'),
    import('ajv-formats'),
  ])
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ;(formats as unknown as (on: typeof ajv) => void)(ajv)
  const read = (name: string): object => JSON.parse(readFileSync(path.join(SPEC, name), 'utf8')) as object
  ajv.addSchema(read('OpenLineage.json'))
  for (const name of readdirSync(path.join(SPEC, 'facets'))) ajv.addSchema(read(`facets/${name}`))
  const check = ajv.getSchema('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent')!
  let facets = 0
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const schema = (value as { _schemaURL?: string })._schemaURL
    if (schema) {
      const own = ajv.getSchema(schema)
      assert.ok(own, `there is no schema ${schema}`)
      assert.ok(own(value), JSON.stringify(own.errors))
      facets++
    }
    for (const inner of Object.values(value)) visit(inner)
  }
  for (const event of events) {
    assert.ok(check(event), JSON.stringify(check.errors))
    visit(event)
  }
  assert.ok(facets > 10)
}
