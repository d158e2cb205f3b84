import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { profileShards } from '../../src/pipelines/built-in-pipelines.ts'
import { runPipeline } from '../../src/pipelines/run-pipeline.ts'
import { registerVersion } from '../../src/tracking/registry.ts'
import { writeOrders } from '../orders.ts'
import { localRunner } from '../pipelines/runner.ts'
import { tempFolder } from '../temp-folder.ts'
import { runServer } from './running-server.ts'

test('runs, lineage and models are told over HTTP', { timeout: 60_000 }, async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), 4)
  const server = await runServer(folder)
  t.after(() => server.close())
  const json = async <T>(route: string): Promise<T> => (await server.get(route)).json() as Promise<T>
  const runner = await localRunner(t, { folder: path.join(folder, 'store') })
  const data = path.join(folder, 'data', '*.csv')
  const { runId, outputs } = await runPipeline(profileShards.graph, { ...runner, parameters: { data } })
  assert.deepEqual(
    (await json<{ id: number; state: string }[]>('/api/runs')).map(({ id, state }) => [id, state]),
    [[runId, 'COMPLETE']],
  )
  const run = await json<{ executions: { path: string }[]; graph: { name: string } }>(`/api/runs/${runId}`)
  assert.equal(run.graph.name, 'profile-shards')
  assert.equal(run.executions.length, 5)
  const made = outputs.profile?.kind === 'artifacts' ? outputs.profile.artifacts[0]!.digest : ''
  const { back } = await json<{ back: { executions: { component: string }[] } }>(`/api/lineage/${made}`)
  assert.deepEqual(
    new Set(back.executions.map(({ component }) => component)),
    new Set(['ingest', 'profile', 'merge-profiles']),
  )
  assert.equal((await server.get(`/api/runs/${runId}/logs?step=ingest`)).status, 200)
  assert.equal((await server.get('/api/runs/999')).status, 404)
  assert.equal((await server.get('/api/lineage/ffff')).status, 404)
  assert.deepEqual(await (await server.post(`/api/runs/${runId}/cancel`)).json(), { outcome: 'ended' })
  const orders = await server.project.dataset('orders', { data })
  await orders.check()
  const alert = await json<{ baseline: object[] }>('/api/datasets/orders/lineage?batch=orders-2024-03-04.csv')
  assert.equal(alert.baseline.length, 3)
  await registerVersion(server.project.store.db, {
    datasetId: orders.id,
    name: 'rows',
    description: 'A <b>model</b>.',
    owner: '',
    uri: 'artifact:x',
    keptDigest: null,
    modelType: 'forest',
    trainingFramework: { name: 'fiable', version: '0' },
    hyperparameters: {},
    labels: {},
    lastSlot: 0,
    createdMs: 1,
  })
  assert.equal((await json<{ version: number }>('/api/models/rows/champion')).version, 1)
  assert.match(await (await server.get('/api/models/rows/1/card')).text(), /A &lt;b&gt;model/)
  const put = await fetch(`${server.address}/api/models/rows/aliases/shadow`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: '{"version":1}',
  })
  assert.deepEqual(((await put.json()) as { aliases: string[] }).aliases, [
    'challenger',
    'champion',
    'shadow',
  ])
  const openapi = await json<{ paths: object }>('/api/openapi.json')
  assert.ok('/api/runs/{id}' in openapi.paths)
})

test('runs are started, cancelled and retried over HTTP', { timeout: 60_000 }, async (t) => {
  const folder = tempFolder(t)
  const server = await runServer(folder)
  t.after(() => server.close())
  const post = (route: string, body?: object) =>
    server.post(
      route,
      body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {},
    )
  const ended = async (id: number): Promise<string> => {
    for (;;) {
      const { state } = (await (await server.get(`/api/runs/${id}`)).json()) as { state: string }
      if (state !== 'RUNNING' && state !== 'START') return state
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  assert.equal((await post('/api/runs', { pipeline: 'nothing' })).status, 404)
  assert.equal((await post('/api/runs', { pipeline: '../secret.yaml' })).status, 404)
  const wrong = await post('/api/runs', { pipeline: 'profile-shards', parameters: { shards: 0 } })
  assert.equal(wrong.status, 422)
  assert.match(await wrong.text(), /data is missing; shards must be from 1 to 10000/)
  const data = path.join(folder, 'data', '*.csv')
  const started = await post('/api/runs', { pipeline: 'profile-shards', parameters: { data } })
  assert.equal(started.status, 202)
  const { id } = (await started.json()) as { id: number }
  assert.equal(await ended(id), 'FAIL', 'there is no file yet')
  await writeOrders(path.join(folder, 'data'), 1)
  assert.deepEqual(await (await post(`/api/runs/${id}/retry`)).json(), { id })
  assert.equal(await ended(id), 'COMPLETE')
  assert.equal((await post(`/api/runs/${id}/retry`)).status, 409)
  assert.equal((await post('/api/runs/999/retry')).status, 404)
  const openapi = (await (await server.get('/api/openapi.json')).json()) as { paths: object }
  assert.ok('/api/runs/{id}/retry' in openapi.paths)
})
