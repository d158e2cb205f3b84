import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { type HandledIncident, open } from '../../src/index.ts'
import { random } from '../../src/math/random.ts'
import { writeOrders } from '../orders.ts'
import { tempFolder } from '../temp-folder.ts'

const KILLS = 12
const WRITER = path.join(import.meta.dirname, 'people-writer.ts')

/** Kills the writer some milliseconds after its first word; returns what it acknowledged. */
function writeAndKill(store: string, incident: string, delayMs: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [WRITER, store, incident], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), delayMs))
  return new Promise((resolve) =>
    child.on('close', () =>
      resolve(
        printed
          .slice(0, printed.lastIndexOf('\n') + 1)
          .split('\n')
          .filter(Boolean),
      ),
    ),
  )
}

test(`killed ${KILLS} times while tuning and giving feedback, nothing is half applied and nothing told is lost`, {
  timeout: 120_000,
}, async (t) => {
  const folder = tempFolder(t)
  const store = path.join(folder, 'store')
  await writeOrders(path.join(folder, 'data'), 16, (rows, day) =>
    rows.slice(0, 60).map((row, i) => (day >= 15 && i % 3 === 0 ? { ...row, email: '' } : row)),
  )
  const project = await open({ store, baseFolder: folder })
  t.after(() => project.close())
  const orders = await project.dataset('orders', { data: 'data', atMost: '2/week' })
  await orders.check()
  const [incident] = (await orders.incidents()).filter(({ batches }) => batches.length === 2)
  assert.ok(incident, 'an incident over two batches')
  const draw = random('kill people')
  let acknowledged = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const told = await writeAndKill(store, incident.id, draw() * 500)
    acknowledged += told.length
    const [settings, incidents] = [await orders.settings(), await orders.incidents()]
    const kept = told.findLast((line) => line.startsWith('tuned'))!
    const recent = settings.slice(0, 2).map(({ sensitivity }) => `tuned ${sensitivity.atMost.alerts}`)
    assert.ok(recent.includes(kept), `${kept} was told; in force: ${recent.join(', ')}`)
    assert.equal((await orders.sensitivity()).atMost.per, 'week')
    const now: HandledIncident = incidents.find(({ batches }) => batches.includes(incident.batches[0]!))!
    assert.deepEqual(now.batches.length, 2)
    const said = told.findLast((line) => line.startsWith('said'))
    if (said) assert.notEqual(now.feedback, null, 'both batches, or neither, carry the feedback')
    checkWhole(path.join(store, 'store.sqlite'))
  }
  t.diagnostic(`${acknowledged} changes acknowledged in ${KILLS} killed runs`)
  assert.ok(acknowledged > 2 * KILLS)
})

/** Every feedback of an incident is on both of its batches. */
function checkWhole(file: string): void {
  using database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  assert.equal(database.prepare('pragma integrity_check').get()!.integrity_check, 'ok')
  const partial = database
    .prepare(
      `select action.id from action left join feedback on feedback.action_id = action.id
       where kind = 'feedback' group by action.id having count(feedback.id) <> 2`,
    )
    .all()
  assert.deepEqual(partial, [])
}
