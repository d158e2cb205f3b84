import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { cameDaily } from '../came-daily.ts'
import { type StartedConsole, startConsole } from '../started-console.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 20
const BAD_DAY = 17
const ROWS = 300
const folder = tempFolder()

let served: StartedConsole
const openPage = (query = '', options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> =>
  served.openPage(query, options)

before(async () => {
  mkdirSync(path.join(folder, 'orders'))
  for (let day = 1; day <= DAYS; day++) writeDay(day)
  served = await startConsole(folder, async (project) => {
    const orders = await project.dataset('orders', { data: path.join(folder, 'orders'), atMost: '1/week' })
    await project.dataset('nowhere', { data: path.join(folder, 'nowhere-*.csv') })
    await orders.check()
  })
})

after(() => served?.close())

function nameOf(day: number): string {
  return `orders-2024-03-${String(day).padStart(2, '0')}.csv`
}

/** A day of orders; on the bad one, a third of the countries are lost. About 2 % are lost on any day. */
function writeDay(day: number): void {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const noise = ((i * 7919 + day * 104_729) % 1009) / 1009
    const isLost = day === BAD_DAY ? i % 3 === 0 : noise < 0.015 + 0.001 * (day % 5)
    const country = isLost ? '' : ['FR', 'DE', 'IT', 'ES'][(i + day) % 4]
    return `${day * ROWS + i},${country},${(20 + 30 * noise).toFixed(2)},2024-03-${String(day).padStart(2, '0')}`
  })
  writeFileSync(
    path.join(folder, 'orders', nameOf(day)),
    `id,country,amount,ordered_on\n${rows.join('\n')}\n`,
  )
}

const ofOrders = '?dataset=orders'
const badBatch = `${ofOrders}&batch=${nameOf(BAD_DAY)}`
const nullsOfCountry = `&metric=${encodeURIComponent('column\u001fcountry\u001fnullFraction')}`
const batchRow = (page: Page, day: string) => page.getByRole('option').filter({ hasText: day })

test('the dataset, its state in words and its verdicts appear, with a chart for each dimension', async () => {
  const page = await openPage(ofOrders)
  await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor()
  await page.getByText('Alert budget: at most 1 a week').waitFor()
  await batchRow(page, 'March 20, 2024').waitFor()
  assert.equal(await page.getByRole('option').first().getAttribute('aria-setsize'), String(DAYS))
  const charts = page.getByRole('slider', { name: /control chart of 20 batches/ })
  assert.equal(await charts.count(), 5)
  for (const path of await charts.locator('path.line').all())
    assert.match((await path.getAttribute('d')) ?? '', /^M[\d.,L-]+$/)
  await page.close()
})

test('an alert names column, metric, value and expected range, draws its chart and shows the offending rows', async () => {
  const page = await openPage(ofOrders)
  await page.getByRole('button', { name: /^Alerts/ }).click()
  await batchRow(page, 'March 17, 2024').click()
  const detail = page.getByRole('region', { name: /March 17, 2024/ })
  const finding = detail.getByRole('button', { name: /country nulls/ })
  await finding.waitFor()
  assert.match(await finding.innerText(), /33\.3% · expected 0\.\d+% to \d/)
  await finding.click()
  const chart = detail.getByRole('slider', { name: /Control chart of country · nulls/ })
  await chart.waitFor()
  assert.notEqual(await chart.locator('path.diamond').getAttribute('d'), '')
  assert.equal(await detail.locator('td.offending').count(), 10)
  assert.deepEqual(new Set(await detail.locator('td.offending').allInnerTexts()), new Set(['∅']))
  await detail.getByText('10 of 100 rows: country is null').waitFor()
  await detail.getByText('"country" is null').waitFor()
  assert.match(page.url(), /dataset=orders&batch=orders-2024-03-17\.csv&metric=/)
  await page.close()
})

test('a fire drill and a drill are started from the page, and the scorecard appears, in French too', async () => {
  const page = await openPage(ofOrders)
  const card = page.getByRole('region', { name: 'What would be caught' })
  await card.getByText('nothing proves that the alarm still rings').waitFor()
  await card.getByRole('button', { name: 'Fire drill now' }).click()
  await card.getByText(/[1-5] of 5 rang/).waitFor({ timeout: 150_000 })
  await card.getByRole('button', { name: 'Drill now', exact: true }).click()
  await page
    .getByText(/^Drill: \d+ of \d+$/)
    .first()
    .waitFor({ timeout: 150_000 })
  await card.getByText('Weak spots first').waitFor({ timeout: 120_000 })
  assert.equal(await card.getByRole('list').first().getByRole('img').count(), 12)
  await card.getByRole('button', { name: /^Show all/ }).click()
  assert.ok((await card.getByRole('list').first().getByRole('img').count()) > 40)
  await page.close()
  const french = await openPage(ofOrders, { locale: 'fr-FR', colorScheme: 'dark' })
  const bilan = french.getByRole('region', { name: 'Ce qui serait détecté' })
  await bilan.getByText(/[1-5] sur 5 ont sonné/).waitFor()
  await bilan.getByText('Les points faibles d’abord').waitFor()
  await french.close()
})

test('a link shows the same batch and metric to the one who opens it', async () => {
  const metric = encodeURIComponent('column\u001famount\u001fmean')
  const page = await openPage(`${badBatch}&metric=${metric}`)
  await page.getByRole('region', { name: /March 17, 2024/ }).waitFor()
  await page.getByRole('slider', { name: /Control chart of amount · mean/ }).waitFor()
  await page.close()
})

test('charts and batches are reached by keyboard', async () => {
  const page = await openPage(ofOrders)
  const chart = page.getByRole('slider', { name: /^Completeness/ })
  await chart.focus()
  await chart.press('End')
  await chart.press('PageUp')
  assert.match(
    (await chart.getAttribute('aria-valuetext')) ?? '',
    /^March 17, 2024: .* nats, limit .*, alert/,
  )
  await chart.press('ArrowLeft')
  await chart.press('Enter')
  await page.getByRole('region', { name: /March 16, 2024/ }).waitFor()
  const list = page.getByRole('listbox')
  await list.focus()
  await list.press('Home')
  await page.getByRole('region', { name: /March 20, 2024/ }).waitFor()
  await page.close()
})

test('the page speaks French, and says whole sentences in it', async () => {
  const page = await openPage(badBatch)
  await page.getByRole('button', { name: 'Français' }).click()
  await page.getByRole('heading', { name: 'Cinq dimensions' }).waitFor()
  const reason = page.locator('.batch-reason')
  assert.match(
    await reason.innerText(),
    /^country : [\p{L} ]+ [\d,]+\s%, attendu (au plus|de [\d,]+\s% à) [\d,]+\s%\.$/u,
  )
  await page.reload()
  await page.getByRole('heading', { name: 'Cinq dimensions' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr')
  await page.close()
})

test('a batch that did not come is told, in French too', async () => {
  const daily = await served.project.dataset('daily', { data: path.join(folder, 'orders') })
  await daily.check()
  await cameDaily(served.project, daily.id, Date.now() - 2 * 86_400_000)
  const page = await openPage('?dataset=daily')
  await page.getByText(/^Late since .* UTC: the next batch did not come\.$/).waitFor()
  assert.equal(await page.getByRole('img', { name: 'late' }).count(), 2, 'in the list and on the page')
  await page.close()
  const french = await openPage('?dataset=daily', { locale: 'fr-FR' })
  await french.getByText(/^En retard depuis le .* UTC : le lot suivant n’est pas venu\.$/).waitFor()
  await french.close()
})

test('the theme follows the system until one is chosen, which is kept', async () => {
  const page = await openPage(ofOrders, { colorScheme: 'dark' })
  const theme = () => page.locator('html').getAttribute('data-theme')
  await page.getByRole('button', { name: 'Light' }).waitFor()
  assert.equal(await theme(), 'dark')
  await page.getByRole('button', { name: 'Light' }).click()
  await page.reload()
  await page.getByRole('button', { name: 'Light' }).waitFor()
  assert.equal(await theme(), 'light')
  await page.close()
})

test('a check that fails says what happened and what to do', async () => {
  const page = await openPage('?dataset=nowhere')
  await page.getByText('No batch is judged yet', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Check now' }).click()
  const alert = page.getByRole('alert').filter({ hasText: 'The last check failed' })
  await alert.waitFor()
  assert.match(await alert.innerText(), /nowhere-\*\.csv/)
  await page.close()
})

test('a phone shows everything without scrolling sideways', async () => {
  const page = await openPage(badBatch + nullsOfCountry, { viewport: { width: 360, height: 740 } })
  await page.locator('td.offending').first().waitFor()
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(width <= 360, `the page is ${width} pixels wide`)
  await page.close()
})

test('a verdict arrives while the page is open', async () => {
  const page = await openPage(ofOrders)
  await batchRow(page, 'March 20, 2024').waitFor()
  await page.evaluate('window.wasNotReloaded = true')
  writeDay(DAYS + 1)
  await page.getByRole('button', { name: 'Check now' }).click()
  await batchRow(page, 'March 21, 2024').waitFor()
  assert.equal(await page.evaluate('window.wasNotReloaded'), true)
  await page.getByText('The newest batch, March 21, 2024').waitFor()
  await page.close()
})

// Before the last, in which the browser complains that the server is gone.
test('no page wrote an error or asked another origin', () => {
  assert.deepEqual(served.complaints, [])
})

test('the page says when the server is gone, and comes back with it', async () => {
  const page = await openPage(ofOrders)
  await batchRow(page, 'March 20, 2024').waitFor()
  const notice = page.getByRole('alert').filter({ hasText: 'The server is gone' })
  await served.stopServer()
  await notice.waitFor()
  await served.startServer()
  await notice.waitFor({ state: 'detached' })
  await page.close()
})
