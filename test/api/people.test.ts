import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type {
  ExplanationView,
  FeedbackAnswer,
  IncidentActionAsked,
  IncidentView,
} from '../../src/api/incident-schemas.ts'
import type { DatasetDetail } from '../../src/api/schemas.ts'
import type { SettingsView, WhatIfView } from '../../src/api/sensitivity-schemas.ts'
import { orderFile, writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'
import { isEnd, listenTo, type RunningServer, runServer } from './running-server.ts'

const DAYS = 24
const BAD = 20
const LIVE_DAYS = 60
const folder = tempFolder()
let running: RunningServer

before(async () => {
  await writeOrders(path.join(folder, 'data'), DAYS, (rows, day) =>
    rows.slice(0, 60).map((row, i) => (day === BAD && i % 4 === 0 ? { ...row, email: '' } : row)),
  )
  await writeOrders(path.join(folder, 'live'), LIVE_DAYS, (rows) => rows.slice(0, 60))
  running = await runServer(folder)
  await (await running.project.dataset('orders', { data: 'data', atMost: '1/week' })).check()
  await running.project.dataset('live', { data: 'live', atMost: '1/month' })
})
after(() => running.close())

const orders = '/api/datasets/orders'
const send = (route: string, body: unknown, method = 'POST'): Promise<Response> =>
  running.post(route, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
async function read<T>(answer: Promise<Response> | Response): Promise<T> {
  const response = await answer
  const body = (await response.json()) as T
  assert.equal(response.status, 200, JSON.stringify(body))
  return body
}
async function assertRefused(answer: Promise<Response>, status: number, code: string): Promise<void> {
  const response = await answer
  const body = (await response.json()) as Record<string, string>
  assert.equal(response.status, status, JSON.stringify(body))
  assert.equal(body.code, code)
  assert.ok(body.message!.length > 10 && body.fix!.length > 5)
}

test('what-if tells pages, digest and the fate of every batch, and changes nothing', async () => {
  const before = await read<SettingsView>(running.get(`${orders}/settings`))
  const told = await read<WhatIfView>(send(`${orders}/what-if`, { atMost: '2/day' }))
  assert.equal(told.batches, DAYS)
  assert.equal(told.fates.length, DAYS)
  assert.equal(told.fates.filter((fate) => fate === 'page').length, told.after.pages)
  assert.ok(told.after.pages >= told.before.pages)
  assert.equal(told.after.pages - told.before.pages, told.rung.length - told.silenced.length)
  assert.deepEqual(await read(running.get(`${orders}/settings`)), before)
})

test('a sensitivity is in force at once, in versions, and reverted as a new one', async () => {
  const first = await read<SettingsView>(running.get(`${orders}/settings`))
  const asked = { atMost: '3/week', strict: true, dimensions: { completeness: '25 %' } }
  const set = await read<SettingsView>(send(`${orders}/sensitivity`, { ...asked, author: 'ana' }, 'PUT'))
  assert.deepEqual(set.inForce, { ...asked, dimensions: { completeness: '0.75/week' } })
  assert.equal(set.versions[0]!.author, 'ana')
  assert.equal((await read<DatasetDetail>(running.get(orders))).atMost, '3/week')
  const version = first.versions[0]!.version
  const back = await read<SettingsView>(send(`${orders}/settings/revert`, { version }))
  assert.deepEqual(back.inForce, first.inForce)
  assert.equal(back.versions.length, first.versions.length + 2)
  assert.equal(back.versions[0]!.author, 'console')
})

for (const [body, why] of [
  [{ atMost: '0/week' }, 'zero'],
  [{ atMost: '-1/week' }, 'negative'],
  [{ atMost: '2/fortnight' }, 'an unknown unit'],
  [{ atMost: '1/week', dimensions: { completeness: '2/week' } }, 'a part above the whole'],
] as const)
  test(`a sensitivity of ${why} is refused, and the one in force stays`, async () => {
    const before = await read(running.get(`${orders}/settings`))
    await assertRefused(send(`${orders}/what-if`, body), 422, 'BAD_ARGUMENT')
    await assertRefused(send(`${orders}/sensitivity`, body, 'PUT'), 422, 'BAD_ARGUMENT')
    assert.deepEqual(await read(running.get(`${orders}/settings`)), before)
  })

test('what is no sensitivity, an unknown version and an unknown dataset are refused', async () => {
  await assertRefused(
    send(`${orders}/sensitivity`, { atMost: '1/week', louder: true }, 'PUT'),
    400,
    'BAD_ARGUMENT',
  )
  await assertRefused(send(`${orders}/what-if`, { dimensions: {} }), 400, 'BAD_ARGUMENT')
  await assertRefused(send(`${orders}/settings/revert`, { version: 9999 }), 404, 'NOT_FOUND')
  await assertRefused(send('/api/datasets/none/what-if', { atMost: '1/week' }), 404, 'NOT_FOUND')
})

test('incidents are listed, shown, and acted on', async () => {
  const [incident] = (await read<IncidentView[]>(running.get(`${orders}/incidents?all=true`))).filter(
    ({ columns }) => columns.includes('email'),
  )
  assert.deepEqual(incident!.batches, [orderFile(BAD)])
  assert.equal(incident!.status, 'closed')
  assert.ok((await read<IncidentView[]>(running.get('/api/incidents'))).every(({ isActive }) => isActive))
  const route = `${orders}/incidents/${incident!.id}`
  const act = (action: IncidentActionAsked): Promise<Response> => send(`${route}/actions`, action)
  await read(act({ kind: 'assign', assignee: 'bo' }))
  await read(act({ kind: 'comment', text: 'broken form', author: 'bo' }))
  const shown = await read<IncidentView>(act({ kind: 'resolve' }))
  assert.deepEqual(await read(running.get(route)), shown)
  assert.equal(shown.status, 'resolved')
  assert.equal(shown.assignee, 'bo')
  assert.deepEqual(
    shown.actions.map(({ kind, author }) => [kind, author]),
    [
      ['assign', 'console'],
      ['comment', 'bo'],
      ['resolve', 'console'],
    ],
  )
  await assertRefused(act({ kind: 'snooze', untilMs: 1 }), 422, 'BAD_ARGUMENT')
  await assertRefused(act({ kind: 'explode' } as never), 400, 'BAD_ARGUMENT')
  await assertRefused(send(`${orders}/incidents/ffffffffff/actions`, { kind: 'reopen' }), 404, 'NOT_FOUND')
})

test('feedback is given, replaced and taken back', async () => {
  const give = (feedback: string | null, batch = orderFile(BAD)): Promise<Response> =>
    send(`${orders}/feedback`, { batch, feedback })
  await read(give('expected'))
  const real = await read<FeedbackAnswer>(give('real'))
  assert.deepEqual(real.replaced, ['expected'])
  assert.equal(real.inBaseline, false)
  const { after } = await read<WhatIfView>(send(`${orders}/what-if`, { atMost: '1/week' }))
  assert.deepEqual(after.caught, [orderFile(BAD)])
  await read(give(null))
  assert.equal((await read<FeedbackAnswer>(give(null))).feedback, null)
  await assertRefused(give(null), 409, 'CONFLICT')
  await assertRefused(give('real', 'none'), 404, 'NOT_FOUND')
  await assertRefused(give('perhaps'), 400, 'BAD_ARGUMENT')
})

test('a batch is explained with ranked metrics and SQL', async () => {
  const told = await read<ExplanationView>(
    running.get(`${orders}/explanation?batch=${orderFile(BAD)}&limit=5`),
  )
  assert.equal(told.verdict.status, 'alert')
  assert.equal(told.metrics.filter(({ absolute }) => !absolute).length, 5)
  assert.match(told.rows[0]!.sql, /^select \* from read_csv\(.*"email" is null;$/)
  assert.ok(told.incidents.length > 0)
  await assertRefused(running.get(`${orders}/explanation?batch=none`), 404, 'NOT_FOUND')
})

test('a sensitivity put in force over HTTP governs a running check within a second', async (t) => {
  const events = await listenTo(running)
  await running.post('/api/datasets/live/check')
  await events.until((event) => event.kind === 'verdict' && event.verdict.batch === orderFile(20))
  await read(send('/api/datasets/live/sensitivity', { atMost: '1/day' }, 'PUT'))
  const putMs = performance.now()
  const told: { readonly batch: string; readonly threshold: number | null; readonly atMs: number }[] = []
  let isOver = false
  while (!isOver) {
    const seen = await events.until(({ kind }) => kind === 'verdict' || kind === 'job')
    for (const event of seen)
      if (event.kind === 'verdict') told.push({ ...event.verdict, atMs: performance.now() - putMs })
    isOver = seen.some(isEnd('live'))
  }
  await events.cancel()
  const { verdicts } = await read<DatasetDetail>(running.get('/api/datasets/live'))
  const under = new Map(verdicts.map(({ batch, threshold }) => [batch, threshold]))
  const first = told.findIndex(({ batch, threshold }) => threshold === under.get(batch))
  assert.ok(first >= 0 && told.length - first > 5, `${first} of ${told.length}`)
  assert.ok(told.slice(first).every(({ batch, threshold }) => threshold === under.get(batch)))
  t.diagnostic(
    `${first} verdicts under the old one, the first under the new after ${told[first]!.atMs.toFixed(0)} ms`,
  )
  assert.ok(told[first]!.atMs < 1000 || first <= 1, `${told[first]!.atMs} ms`)
})
