import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type {
  DatasetDetail,
  DatasetSummary,
  Drills,
  Job,
  Series,
  VerdictDetail,
} from '../../src/api/schemas.ts'
import { declareDataset } from '../../src/tracking/datasets.ts'
import { cameDaily } from '../came-daily.ts'
import { orderFile, writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'
import { isEnd, listenTo, type RunningServer, runServer } from './running-server.ts'

const DAYS = 9
const folder = tempFolder()
let running: RunningServer

before(async () => {
  await writeOrders(path.join(folder, 'data'), DAYS, (rows, day) =>
    rows.slice(0, 60).map((row, i) => (day === DAYS && i % 4 === 0 ? { ...row, email: '' } : row)),
  )
  await writeOrders(path.join(folder, 'new'), 3, (rows) => rows.slice(0, 60))
  running = await runServer(folder)
  const orders = await running.project.dataset('orders', { data: 'data', atMost: '1/week' })
  await orders.check()
  await running.project.dataset('new orders/é', { data: 'new' })
  await running.project.dataset('absent', { data: 'absent/*.csv' })
})
after(() => running.close())

const bodyOf = async <T>(response: Promise<Response>): Promise<T> => (await (await response).json()) as T

async function assertError(response: Response, status: number, code: string): Promise<void> {
  const body = (await response.json()) as Record<string, string>
  assert.equal(response.status, status, JSON.stringify(body))
  assert.deepEqual(Object.keys(body).sort(), ['code', 'fix', 'message'])
  assert.equal(body.code, code)
  assert.ok(body.message!.length > 10 && body.fix!.length > 10, JSON.stringify(body))
}

test('the server says that it is well', async () => {
  assert.deepEqual(await bodyOf(running.get('/api/health')), { ok: true })
})

test('all datasets are listed with their latest verdict and without their passwords', async () => {
  const all = await bodyOf<DatasetSummary[]>(running.get('/api/datasets'))
  assert.deepEqual(
    all.map(({ name, batches, alerts }) => ({ name, batches, alerts })),
    [
      { name: 'absent', batches: 0, alerts: 0 },
      { name: 'new orders/é', batches: 0, alerts: 0 },
      { name: 'orders', batches: DAYS, alerts: 1 },
    ],
  )
  const orders = all.at(-1)!
  assert.equal(orders.atMost, '1/week')
  assert.deepEqual(orders.data, ['data'])
  assert.equal(orders.latest?.batch, orderFile(DAYS))
  assert.equal(orders.latest.status, 'alert')
  assert.equal(all[0]!.latest, null)
})

test('a dataset holds the verdict of every batch, in the order of arrival', async () => {
  const { verdicts, ...summary } = await bodyOf<DatasetDetail>(running.get('/api/datasets/orders'))
  assert.equal(summary.batches, DAYS)
  assert.deepEqual(
    verdicts.map(({ batch }) => batch),
    Array.from({ length: DAYS }, (_, i) => orderFile(i + 1)),
  )
  assert.equal(verdicts[0]!.status, 'cannot-judge')
})

test('a dataset whose batches came one a day says since when the next is late; at once they say nothing', async () => {
  const { next } = await bodyOf<DatasetDetail>(running.get('/api/datasets/orders'))
  assert.equal(next, null)
  const daily = await running.project.dataset('daily', { data: 'data' })
  await daily.check()
  const lastMs = Date.now() - 2 * 86_400_000
  await cameDaily(running.project, daily.id, lastMs)
  const found = await bodyOf<DatasetDetail>(running.get('/api/datasets/daily'))
  assert.equal(found.next?.dimension, 'completeness')
  assert.equal(found.next.lateSinceMs, found.next.dueMs)
  const hours = (found.next.dueMs - lastMs) / 3_600_000
  assert.ok(hours > 24 && hours < 28, `${hours} h`)
})

test('one verdict holds its findings with the rows behind them', async () => {
  const route = `/api/datasets/orders/verdict?batch=${orderFile(DAYS)}`
  const verdict = await bodyOf<VerdictDetail>(running.get(route))
  assert.equal(verdict.dimensions.completeness!.status, 'alert')
  const nulls = verdict.findings.find(({ metric, absolute }) => metric === 'nullFraction' && absolute)
  assert.equal(nulls?.instance, 'email')
  assert.equal(nulls.value, 0.25)
  assert.equal(nulls.centerLine, null, 'NaN travels as null')
  assert.equal(nulls.evidence?.total, 15)
  assert.equal(nulls.evidence.rows.length, 10)
})

test('a name with blanks, slashes and accents is found', async () => {
  const route = `/api/datasets/${encodeURIComponent('new orders/é')}`
  assert.equal((await bodyOf<DatasetDetail>(running.get(route))).name, 'new orders/é')
})

const seriesOf = (query: string): Promise<Series[]> =>
  bodyOf<Series[]>(running.get(`/api/datasets/orders/series${query}`))

test('series are chosen by dimension, column and key; the most surprising of each comes first', async () => {
  const all = await seriesOf('?limit=500')
  const instances = new Set(all.map(({ instance }) => instance))
  const firsts = all.slice(0, instances.size)
  assert.equal(new Set(firsts.map(({ instance }) => instance)).size, instances.size)
  for (const first of firsts) {
    const peaks = all.filter(({ instance }) => instance === first.instance).map(({ peak }) => peak!)
    assert.equal(first.peak, Math.max(...peaks))
  }
  const completeness = await seriesOf('?dimension=completeness&limit=500')
  assert.ok(completeness.length > 0 && completeness.length < all.length)
  assert.ok(completeness.every(({ dimension }) => dimension === 'completeness'))
  const email = await seriesOf('?column=email&dimension=completeness')
  assert.deepEqual(email.map(({ metric }) => metric).sort(), ['nullFraction', 'placeholderFraction'])
  const [only, ...others] = await seriesOf(`?key=${encodeURIComponent(email[0]!.key)}`)
  assert.equal(only?.key, email[0]!.key)
  assert.deepEqual(others, [])
  assert.equal(only.points.length, DAYS)
})

test('24 series are given unless a limit from 1 to 500 is asked for', async () => {
  assert.equal((await seriesOf('')).length, 24)
  assert.equal((await seriesOf('?limit=2')).length, 2)
  for (const limit of ['0', '501', '2.5', 'many'])
    await assertError(await running.get(`/api/datasets/orders/series?limit=${limit}`), 400, 'BAD_ARGUMENT')
})

const missing = [
  '/api/datasets/none',
  '/api/datasets/none/series',
  '/api/datasets/none/verdict?batch=x',
  '/api/datasets/orders/verdict?batch=x',
  '/api/nothing',
]
for (const route of missing)
  test(`${route} is 404 with the next step`, async () => {
    await assertError(await running.get(route), 404, 'NOT_FOUND')
  })

test('a check of an unknown dataset is 404, and starts nothing', async () => {
  await assertError(await running.post('/api/datasets/none/check'), 404, 'NOT_FOUND')
})

const refused = [
  '/api/datasets/orders/verdict',
  '/api/datasets/orders/series?dimension=beauty',
  '/api/datasets/%E0%A4%A',
]
for (const route of refused)
  test(`${route} is 400 with the next step`, async () => {
    await assertError(await running.get(route), 400, 'BAD_ARGUMENT')
  })

test('a body that the server cannot take is the sender’s error, not the server’s', async () => {
  const route = '/api/datasets/orders/check'
  const send = (type: string, body: string): Promise<Response> =>
    running.post(route, { headers: { 'content-type': type }, body })
  await assertError(await send('application/json', ''), 400, 'BAD_ARGUMENT')
  await assertError(await send('application/json', '{'), 400, 'BAD_ARGUMENT')
  await assertError(await send('text/xml', '<a/>'), 415, 'BAD_ARGUMENT')
  assert.equal(running.jobs.of('orders'), null)
})

test('a stored declaration that is no longer valid is 422 with the field to correct', async (t) => {
  const other = await runServer(tempFolder(t))
  t.after(() => other.close())
  await declareDataset(other.project.store.db, { name: 'old', declaration: { data: 'x', tabel: 'y' } }, 0)
  const response = await other.get('/api/datasets/old')
  assert.match(await response.clone().text(), /tabel/)
  await assertError(response, 422, 'BAD_CONFIG')
})

test('a broken declaration is listed with its error, and the other datasets as ever', async (t) => {
  const other = await runServer(tempFolder(t))
  t.after(() => other.close())
  await declareDataset(other.project.store.db, { name: 'broken', declaration: { tabel: 'y' } }, 0)
  await other.project.dataset('sound', { data: 'x' })
  await other.project.dataset('a first', { data: 'x' })
  const all = await bodyOf<DatasetSummary[]>(other.get('/api/datasets'))
  assert.deepEqual(
    all.map(({ name, error }) => [name, error?.code ?? null]),
    [
      ['a first', null],
      ['broken', 'BAD_CONFIG'],
      ['sound', null],
    ],
  )
  assert.match(all[1]!.error!.message, /tabel/)
  assert.equal((await other.get('/api/datasets/sound')).status, 200)
})

interface OpenApi {
  readonly openapi: string
  readonly info: { readonly title: string }
  readonly paths: Record<
    string,
    Record<string, { summary?: string; parameters?: { name: string }[]; responses: object }>
  >
}

test('the OpenAPI 3.1 document lists every route with its parameters, answers and meaning', async () => {
  const { openapi, info, paths } = await bodyOf<OpenApi>(running.get('/api/openapi.json'))
  assert.match(openapi, /^3\.1\./)
  assert.equal(info.title, 'Fiable')
  const operations = Object.entries(paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, of]) => ({ route, method, ...of })),
  )
  assert.deepEqual(operations.map(({ method, route }) => `${method} ${route}`).sort(), [
    'get /api/datasets',
    'get /api/datasets/{name}',
    'get /api/datasets/{name}/causes',
    'get /api/datasets/{name}/drills',
    'get /api/datasets/{name}/explanation',
    'get /api/datasets/{name}/incidents',
    'get /api/datasets/{name}/incidents/{id}',
    'get /api/datasets/{name}/lineage',
    'get /api/datasets/{name}/models',
    'get /api/datasets/{name}/rows',
    'get /api/datasets/{name}/series',
    'get /api/datasets/{name}/settings',
    'get /api/datasets/{name}/training',
    'get /api/datasets/{name}/verdict',
    'get /api/events',
    'get /api/incidents',
    'get /api/lineage/{digest}',
    'get /api/models',
    'get /api/models/{name}/{version}',
    'get /api/models/{name}/{version}/card',
    'get /api/runs',
    'get /api/runs/{id}',
    'get /api/runs/{id}/logs',
    'post /api/datasets/{name}/check',
    'post /api/datasets/{name}/drill',
    'post /api/datasets/{name}/feedback',
    'post /api/datasets/{name}/fire-drill',
    'post /api/datasets/{name}/incidents/{id}/actions',
    'post /api/datasets/{name}/settings/revert',
    'post /api/datasets/{name}/train',
    'post /api/datasets/{name}/what-if',
    'post /api/runs',
    'post /api/runs/{id}/cancel',
    'post /api/runs/{id}/retry',
    'put /api/datasets/{name}/sensitivity',
    'put /api/models/{name}/aliases/{alias}',
  ])
  for (const { route, summary, parameters = [], responses } of operations) {
    assert.ok(summary, `${route} says nothing of itself`)
    assert.ok(Object.keys(responses).length > 0, route)
    for (const [, name] of route.matchAll(/\{(\w+)\}/g))
      assert.ok(
        parameters.some((parameter) => parameter.name === name),
        `${route} leaves ${name} undescribed`,
      )
  }
})

test('no reference of the OpenAPI document points to nothing', async () => {
  const text = await (await running.get('/api/openapi.json')).text()
  const document = JSON.parse(text) as Record<string, unknown>
  for (const [, pointer] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = pointer!.split('/').reduce<unknown>((at, key) => (at as never)?.[key], document)
    assert.ok(found, pointer)
  }
})

test('every answer forbids inline scripts, foreign scripts and frames', async () => {
  for (const route of ['/', '/api/datasets', '/api/nothing']) {
    const headers = (await running.get(route)).headers
    const policy = new Map(
      headers
        .get('content-security-policy')!
        .split(';')
        .map((rule) => rule.trim().split(/ (.*)/s) as [string, string]),
    )
    assert.equal(policy.get('script-src'), "'self'", route)
    assert.equal(policy.get('script-src-attr'), "'none'")
    assert.equal(policy.get('object-src'), "'none'")
    assert.equal(policy.get('frame-ancestors'), "'self'")
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  }
})

test('the page is served beside the API', async () => {
  assert.match(await (await running.get('/')).text(), /<title>Fiable/)
})

test('a check in its child process is told as it goes: start, each verdict, end', async () => {
  const events = await listenTo(running)
  const name = 'new orders/é'
  const response = await running.post(`/api/datasets/${encodeURIComponent(name)}/check`)
  assert.equal(response.status, 202)
  assert.equal(((await response.json()) as Job).state, 'running')
  const told = await events.until(isEnd(name))
  await events.cancel()
  const batches = told.flatMap((event) => (event.kind === 'verdict' ? [event.verdict.batch] : []))
  assert.deepEqual(batches, [orderFile(1), orderFile(2), orderFile(3)])
  const jobs = told.flatMap((event) => (event.kind === 'job' ? [event.job] : []))
  assert.equal(jobs[0]!.stage, 'starting')
  assert.ok(jobs.some(({ stage, total }) => stage === 'judging' && total === 3))
  assert.equal(jobs.at(-1)!.state, 'done')
  assert.equal(running.jobs.of(name)?.state, 'done')
})

test('a check that fails says code, message and next step, and is not called done', async () => {
  const events = await listenTo(running)
  await running.post('/api/datasets/absent/check')
  const told = await events.until(isEnd('absent'))
  await events.cancel()
  const states = told.flatMap((event) => (event.kind === 'job' ? [event.job.state] : []))
  assert.ok(!states.includes('done'), states.join())
  const { job } = await bodyOf<DatasetDetail>(running.get('/api/datasets/absent'))
  assert.equal(job?.state, 'failed')
  assert.equal(job.error?.code, 'NO_BATCHES')
  assert.match(job.error.message, /absent/)
  assert.ok(job.error.fix.length > 10)
})

/** Every way in which a URL may hold a password. */
const secrets = [
  'postgresql://u:S3CRET@127.0.0.1:9/db',
  'POSTGRESQL://u:S3CRET@127.0.0.1:9/db',
  'postgresql://u:p%40S3CRET@127.0.0.1:9/db',
  'postgresql://u:p@S3CRET@127.0.0.1:9/db',
  'postgresql://127.0.0.1:9/db?user=u&password=S3CRET',
  'postgresql://u:S3CRET/x@127.0.0.1:9/db',
]
for (const [i, data] of secrets.entries())
  test(`no answer and no event holds the password of ${data.replace('S3CRET', '•')}`, async () => {
    const name = `database ${i}`
    await running.project.dataset(name, { data, table: 't', by: 'd' })
    const events = await listenTo(running)
    const said = [await (await running.post(`/api/datasets/${name}/check`)).text()]
    said.push(JSON.stringify(await events.until(isEnd(name))))
    await events.cancel()
    for (const route of ['', `/${name}`, `/${name}/series`, `/${name}/verdict?batch=x`])
      said.push(await (await running.get(`/api/datasets${route}`)).text())
    assert.match(said.join(), /DATABASE_UNREACHABLE|BAD_CONFIG/)
    assert.doesNotMatch(said.join(), /S3CRET/)
  })

test('a dataset is checked once at a time: the running check is returned', async (t) => {
  const starts = tempFolder(t)
  const code = `import { writeFileSync } from 'node:fs'
    writeFileSync(${JSON.stringify(starts)} + '/' + process.pid, '')
    setTimeout(() => {}, 60_000)`
  const other = await runServer(tempFolder(t), await workerOf(t.name, code))
  t.after(() => other.close())
  await other.project.dataset('d', { data: 'x' })
  const first = await bodyOf<Job>(other.post('/api/datasets/d/check'))
  const second = await bodyOf<Job>(other.post('/api/datasets/d/check'))
  assert.deepEqual(second, first)
  await soon(() => readdirSync(starts).length > 0)
  await pause(200)
  assert.equal(readdirSync(starts).length, 1)
})

test('a child that is killed fails its job, and the server lives on', async (t) => {
  const other = await runServer(tempFolder(t), await workerOf(t.name, "process.kill(process.pid, 'SIGKILL')"))
  t.after(() => other.close())
  await other.project.dataset('d', { data: 'x' })
  const events = await listenTo(other)
  await other.post('/api/datasets/d/check')
  await events.until(isEnd('d'))
  await events.cancel()
  const job = other.jobs.of('d')
  assert.equal(job?.state, 'failed')
  assert.match(job.error!.message, /SIGKILL/)
  assert.equal((await other.get('/api/health')).status, 200)
})

test('closing ends the children and the open streams, and keeps what was judged', async (t) => {
  const place = tempFolder(t)
  await writeOrders(path.join(place, 'data'), 40, (rows) => rows.slice(0, 40))
  const other = await runServer(place)
  await other.project.dataset('orders', { data: 'data' })
  const events = await listenTo(other)
  await other.post('/api/datasets/orders/check')
  await events.until(({ kind }) => kind === 'verdict')
  assert.equal(other.jobs.of('orders')?.state, 'running')
  await other.jobs.close()
  assert.notEqual(other.jobs.of('orders')?.state, 'running')
  const [orders] = await other.project.datasets()
  const judged = (await orders!.verdicts()).length
  assert.ok(judged >= 1 && judged < 40, `${judged} batches were judged`)
  await other.close()
  await events.end()
})

test('closing does not wait for connections on which nothing was asked, as browsers open them', async (t) => {
  const other = await runServer(tempFolder(t))
  const silent = connect(Number(new URL(other.address).port), '127.0.0.1')
  await once(silent, 'connect')
  await other.get('/api/health')
  await other.close()
  if (!silent.closed) await once(silent.resume(), 'close')
})

/** The handle of a child outlives its end by a moment. */
async function soon(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 2000 && !holds(); waited += 20) await pause(20)
  assert.ok(holds())
}

/** A worker module that does one thing whatever it is asked. */
async function workerOf(name: string, code: string): Promise<URL> {
  const file = path.join(folder, `${name.replaceAll(/\W+/g, '-')}.mjs`)
  await writeFile(file, `process.on('message', () => {})\n${code}\n`)
  return pathToFileURL(file)
}

test('a drill and a fire drill run as jobs with progress, and their results are served', async () => {
  await writeOrders(path.join(folder, 'long'), 11, (rows) => rows.slice(0, 60))
  const long = await running.project.dataset('long', { data: 'long', atMost: '1/week' })
  await long.check()
  const route = '/api/datasets/long'
  assert.deepEqual(await bodyOf<Drills>(running.get(`${route}/drills`)), { scorecard: null, fire: null })
  for (const kind of ['fire-drill', 'drill'] as const) {
    const events = await listenTo(running)
    const started = await running.post(`${route}/${kind}`)
    assert.equal(started.status, 202)
    assert.equal(((await started.json()) as Job).kind, kind)
    const seen = await events.until(isEnd('long'))
    const last = seen.findLast((event) => event.kind === 'job')!
    assert.equal(last.kind === 'job' && last.job.state, 'done')
    if (kind === 'drill')
      assert.ok(
        seen.some((event) => event.kind === 'job' && event.job.stage === 'drilling' && event.job.total! > 50),
      )
    await events.cancel()
  }
  const { scorecard, fire } = await bodyOf<Drills>(running.get(`${route}/drills`))
  assert.equal(fire!.trials.length, 5)
  assert.ok(scorecard!.lines.length > 100 && scorecard!.batches > 0)
  for (const { caught } of scorecard!.lines)
    assert.ok(caught.low <= caught.rate! && caught.rate! <= caught.high)
})

test('a drill of an unknown dataset is refused, one of too little history fails as a job', async () => {
  await assertError(await running.get('/api/datasets/none/drills'), 404, 'NOT_FOUND')
  await assertError(await running.post('/api/datasets/none/drill'), 404, 'NOT_FOUND')
  const events = await listenTo(running)
  await running.post('/api/datasets/absent/drill')
  const seen = await events.until(isEnd('absent'))
  const last = seen.findLast((event) => event.kind === 'job')
  assert.equal(last?.kind === 'job' && last.job.error?.code, 'TOO_FEW_BATCHES')
  await events.cancel()
})
