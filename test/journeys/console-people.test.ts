import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { orderFile, writeOrders } from '../orders.ts'
import { type StartedConsole, startConsole } from '../started-console.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 24
const folder = tempFolder()

let served: StartedConsole
const openPage = (options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> =>
  served.openPage('?dataset=orders', options)

before(async () => {
  await writeOrders(path.join(folder, 'data'), DAYS, (rows, day) =>
    rows.slice(0, 80).map((row, i) => (day === DAYS && i % 4 === 0 ? { ...row, email: '' } : row)),
  )
  served = await startConsole(folder, async (project) => {
    await (await project.dataset('orders', { data: 'data', atMost: '1/week' })).check()
  })
})

after(() => served?.close())

test('a budget is tried on the past, applied, and reverted, by keyboard alone', async () => {
  const page = await openPage()
  const card = page.getByRole('region', { name: 'How often may we call you?' })
  const slider = card.getByRole('slider', { name: /Calls/ })
  const apply = card.getByRole('button', { name: 'Apply' })
  await slider.focus()
  assert.equal(await slider.getAttribute('aria-valuetext'), 'At most 1 a week')
  assert.ok(await apply.isDisabled())
  await slider.press('End')
  assert.equal(await slider.getAttribute('aria-valuetext'), 'At most 2 a day')
  await card.getByText(/would have called too/).waitFor()
  await card.getByRole('img', { name: /^Calls over 24 batches/ }).waitFor()
  await slider.press('Tab')
  await page.keyboard.press('Space')
  const own = card.getByRole('group', { name: 'A part of its own' })
  await own.getByRole('combobox', { name: 'Completeness' }).selectOption('25 %')
  const floors = card.getByRole('group', { name: 'Rows that may change without a call' })
  await floors.getByRole('combobox', { name: 'Integrity' }).selectOption('2 %')
  await apply.focus()
  await apply.press('Enter')
  await page.getByText('Alert budget: at most 2 a day').waitFor()
  const [dataset] = await served.project.datasets()
  const { atMost, strict, dimensions, floors: asked } = await dataset!.sensitivity()
  assert.deepEqual(
    [atMost, strict, dimensions.completeness, asked.integrity],
    [{ alerts: 2, per: 'day' }, true, { alerts: 0.5, per: 'day' }, 0.02],
  )
  await card.getByText('Earlier settings (1)').click()
  await card
    .getByText('At most 2 a day; strictly; Completeness: at most 0.5 a day; Integrity: up to 2% of the rows')
    .waitFor()
  await card.getByRole('button', { name: 'Put in force again' }).click()
  await page.getByText('Alert budget: at most 1 a week').waitFor()
  await page.close()
})

test('an incident is looked at, assigned, commented, snoozed, and told what it was', async () => {
  const page = await openPage()
  const card = page.getByRole('region', { name: 'Incidents' })
  const line = card.getByRole('button', { name: /^open email is null in 25%/ })
  await line.focus()
  await line.press('Enter')
  await card.getByPlaceholder('Assign to').fill('Bo')
  await card.getByPlaceholder('Assign to').press('Enter')
  await card.getByText('Looked after by Bo').waitFor()
  await card.getByPlaceholder('Comment').fill('the form was broken')
  await card.getByPlaceholder('Comment').press('Enter')
  await card.getByText('console commented: the form was broken').waitFor()
  await card.getByRole('button', { name: 'Really bad' }).click()
  await card.getByText('It was bad: it is never held for normal').waitFor()
  await page.getByText('1/1').first().waitFor()
  await card.getByRole('button', { name: 'Expected', exact: true }).click()
  await card.getByText('It is the new normal').waitFor()
  await card.getByRole('button', { name: 'Take back' }).click()
  await card.getByRole('button', { name: 'Take back' }).click()
  await card.getByRole('button', { name: 'Take back' }).waitFor({ state: 'detached' })
  await card.getByRole('combobox', { name: 'Snooze' }).selectOption('3')
  await card.getByText(/Snoozed until/).waitFor()
  await card.getByRole('button', { name: 'Reopen' }).click()
  await card.getByRole('button', { name: 'Resolve' }).click()
  await card.getByRole('button', { name: /^resolved email is null/ }).waitFor()
  await card.getByRole('button', { name: 'March 24, 2024' }).click()
  await page.waitForURL(new RegExp(`batch=${orderFile(DAYS)}`))
  await page.close()
})

test('a batch that nobody was called for is told what it was, and that is taken back', async () => {
  const page = await openPage()
  await page.goto(`${served.address}/?dataset=orders&batch=${encodeURIComponent(orderFile(DAYS - 2))}`)
  const detail = page.getByRole('group', { name: 'What was this batch really?' })
  await detail.getByRole('button', { name: 'Really bad' }).click()
  await detail.getByText('It was bad: it is never held for normal').waitFor()
  const { verdict } = await (await served.project.datasets())[0]!.explain(orderFile(DAYS - 2))
  assert.equal(verdict.feedback, 'real')
  await detail.getByRole('button', { name: 'Take back' }).click()
  await detail.getByRole('button', { name: 'Take back' }).waitFor({ state: 'detached' })
  await page.close()
})

test('what would make an alert normal again is looked for on demand, with the rows to take out', async () => {
  const page = await openPage()
  await page.goto(`${served.address}/?dataset=orders&batch=${encodeURIComponent(orderFile(DAYS))}`)
  const causes = page.getByRole('region', { name: 'What would make it normal again' })
  await causes.getByRole('button', { name: 'Look for the cause' }).click()
  await causes
    .getByText(/^Without .*the batch is as usual/)
    .first()
    .waitFor({ timeout: 60_000 })
  await page.close()
})

test('both cards speak French, in the dark too, and fit a phone', async () => {
  const page = await openPage({ locale: 'fr-FR', colorScheme: 'dark', viewport: { width: 360, height: 740 } })
  const card = page.getByRole('region', { name: 'Incidents' })
  await card.getByRole('button', { name: /^Tous/ }).click()
  await card.getByRole('button', { name: /^résolu email/ }).click()
  await card.getByRole('button', { name: 'Vraiment mauvais' }).waitFor()
  const sensitivity = page.getByRole('region', { name: 'À quelle fréquence peut-on vous appeler ?' })
  await sensitivity.getByText('Au plus 1 par semaine').first().waitFor()
  await sensitivity.getByText('appels par semaine').waitFor()
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(width <= 360, `the page is ${width} pixels wide`)
  await page.close()
})

test('no page wrote an error', () => {
  assert.deepEqual(served.complaints, [])
})
