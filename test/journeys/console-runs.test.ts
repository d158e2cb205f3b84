import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { registerVersion } from '../../src/tracking/registry.ts'
import { english } from '../../web/language/english.ts'
import { french } from '../../web/language/french.ts'
import { writeOrders } from '../orders.ts'
import { type StartedConsole, startConsole } from '../started-console.ts'
import { tempFolder } from '../temp-folder.ts'

const folder = tempFolder()
const late = path.join(folder, 'late')

let served: StartedConsole
const openPage = (search: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> =>
  served.openPage(search, options)

before(async () => {
  served = await startConsole(folder)
})

after(() => served?.close())

async function startRun(data: string): Promise<number> {
  const response = await fetch(`${served.address}/api/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pipeline: 'profile-history', parameters: { data } }),
  })
  assert.equal(response.status, 202)
  return ((await response.json()) as { id: number }).id
}

const detailOf = (page: Page, id: number): Locator =>
  page.getByRole('article', { name: `profile-history, no. ${id}` })

test('a run that failed by a missing file is found, read and retried, by keyboard alone', async () => {
  const id = await startRun(late)
  const page = await openPage('')
  await page.getByRole('link', { name: 'Runs' }).press('Enter')
  const line = page.getByRole('button', { name: new RegExp(`^failed profile-history no. ${id}`) })
  await line.press('Enter')
  await page.waitForURL(new RegExp(`\\?page=runs&run=${id}$`))
  const detail = detailOf(page, id)
  await detail
    .getByRole('alert')
    .getByText(/^list-batches: No data file was found/)
    .waitFor()
  await detail
    .getByRole('alert')
    .getByText(/mend the cause/)
    .waitFor()
  const log = detail.getByRole('region', { name: 'Log of list-batches' })
  await log.getByText(/NO_BATCHES No data file was found.*Check `data`/s).waitFor()
  await writeOrders(late, 3)
  await detail.getByRole('button', { name: 'Retry' }).press('Enter')
  await page.getByRole('button', { name: /^complete profile-history/ }).waitFor()
  await detail.getByRole('button', { name: /^failed list-batches/ }).waitFor()
  await detail.getByRole('button', { name: /^complete list-batches attempt 2/ }).press('Enter')
  await detail.getByRole('region', { name: 'Log of list-batches, attempt 2' }).waitFor()
  assert.equal(await detail.getByRole('button', { name: /^complete batches\/\d\/ingest/ }).count(), 3)
  assert.equal(await detail.getByRole('button', { name: /Retry|Cancel/ }).count(), 0)
  await page.close()
})

test('bars lie where the steps ran, and a step from the cache says so; a link shows the same step', async () => {
  const id = await startRun(late)
  const page = await openPage(`?page=runs&run=${id}&step=batches%2F0%2Fprofile`)
  const detail = detailOf(page, id)
  await detail.getByText(/· complete after/).waitFor()
  await detail.getByRole('region', { name: 'Log of batches/0/profile' }).waitFor()
  const cached = detail.getByRole('button', { name: /^complete batches\/0\/profile from the cache/ })
  assert.equal(await cached.getAttribute('aria-pressed'), 'true')
  const response = await fetch(`${served.address}/api/runs/${id}`)
  const { executions } = (await response.json()) as {
    executions: { path: string; startedMs: number; endedMs: number }[]
  }
  const first = Math.min(...executions.map(({ startedMs }) => startedMs))
  const whole = Math.max(...executions.map(({ endedMs }) => endedMs)) - first
  for (const [i, { startedMs }] of executions.entries()) {
    const left = await detail
      .locator('.step-bar')
      .nth(i)
      .evaluate((bar) => Number.parseFloat((bar as unknown as { style: { left: string } }).style.left))
    assert.ok(Math.abs(left - (100 * (startedMs - first)) / whole) < 0.02, `${left} % of ${whole} ms`)
  }
  await page.close()
})

test('a run is cancelled while it goes on', async () => {
  await writeOrders(path.join(folder, 'long'), 60)
  const id = await startRun(path.join(folder, 'long'))
  const page = await openPage(`?page=runs&run=${id}`)
  const detail = detailOf(page, id)
  await detail.getByRole('button', { name: /^complete list-batches/ }).waitFor()
  await detail.getByRole('button', { name: 'Cancel' }).click()
  await detail.getByText(/· cancelled after/).waitFor()
  await detail.getByRole('button', { name: 'Retry' }).waitFor()
  await page.getByRole('button', { name: new RegExp(`^cancelled profile-history no. ${id}`) }).waitFor()
  await page.close()
})

test('registered models are told with what they stand for and how well they tested', async () => {
  await registerVersion(
    served.project.store.db,
    {
      datasetId: (await served.project.dataset('orders', { data: late })).id,
      name: 'orders-rows',
      description: '',
      owner: '',
      uri: 'artifact:x',
      keptDigest: null,
      modelType: 'hybrid',
      trainingFramework: { name: 'fiable', version: '0' },
      hyperparameters: {},
      labels: {},
      lastSlot: 0,
      createdMs: Date.now(),
    },
    { metrics: { auroc: 0.873 } },
  )
  const page = await openPage('?page=runs')
  const models = page.getByRole('region', { name: 'Registered models' })
  await models.getByRole('link', { name: 'orders-rows@1' }).waitFor()
  await models.getByText('champion').waitFor()
  await models.getByText(/AUROC 0\.873/).waitFor()
  await page.close()
})

test('a run that does not exist is told with what to do', async () => {
  const page = await openPage('?page=runs&run=999')
  await page.getByRole('alert').getByText('There is no run 999.').waitFor()
  await page.close()
  assert.match(served.complaints.pop() ?? '', /404/)
})

test('runs speak French, in the dark too, and fit a phone', async () => {
  const id = await startRun(path.join(folder, 'nowhere'))
  const page = await openPage(`?page=runs&run=${id}`, {
    locale: 'fr-FR',
    colorScheme: 'dark',
    viewport: { width: 360, height: 740 },
  })
  const detail = page.getByRole('article', { name: `profile-history, nº ${id}` })
  await detail.getByText('Cette exécution a échoué').waitFor()
  await detail
    .getByRole('region', { name: 'Journal de list-batches' })
    .getByText(/NO_BATCHES/)
    .waitFor()
  await detail.getByRole('button', { name: 'Relancer' }).waitFor()
  const text = await page.getByRole('main').innerText()
  const said = Object.entries(english).filter(
    ([key, message]) =>
      /^(runs?|step|models)\./.test(key) &&
      !message.includes('{') &&
      french[key as keyof typeof french] !== message,
  )
  assert.ok(said.length > 20)
  const shown = new Set(text.split(/\n| · /))
  for (const [key, message] of said) assert.ok(!shown.has(message), `${key} is in English`)
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(width <= 360, `the page is ${width} pixels wide`)
  await page.close()
})

test('no page wrote an error', () => {
  assert.deepEqual(served.complaints, [])
})
