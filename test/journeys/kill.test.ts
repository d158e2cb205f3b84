import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { open } from '../../src/index.ts'
import { random } from '../../src/math/random.ts'
import { writeOrders } from '../orders.ts'
import { MAIN } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

const KILLS = 50
const DAYS = 60

/** Runs `fiable watch` until it is killed, and returns the verdicts it acknowledged by printing them. */
function runAndKill(cwd: string, afterMs: number): Promise<readonly { batch: string; score: number }[]> {
  const child = spawn(
    process.execPath,
    [MAIN, 'watch', 'data', '--name', 'orders', '--format', 'json', '--interval', '1'],
    { cwd, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
  return new Promise((resolve) =>
    child.on('close', () => {
      clearTimeout(timer)
      const whole = printed.slice(0, printed.lastIndexOf('\n') + 1)
      resolve(
        whole
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as { batch: string; score: number }),
      )
    }),
  )
}

test(`killed ${KILLS} times at random moments, no acknowledged verdict is lost and the store stays sound`, {
  timeout: 280_000,
}, async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), DAYS, (rows) => rows.slice(0, 60))
  const draw = random('kill')
  const acknowledged = new Map<string, number>()
  let interrupted = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const told = await runAndKill(folder, 250 + draw() * 900)
    for (const { batch, score } of told) {
      assert.ok(!acknowledged.has(batch), `${batch} was judged twice`)
      acknowledged.set(batch, score)
    }
    if (told.length > 0) interrupted++
    checkIntegrity(path.join(folder, '.fiable', 'store.sqlite'))
  }
  t.diagnostic(`${acknowledged.size} verdicts acknowledged in ${interrupted} of ${KILLS} killed runs`)
  assert.ok(acknowledged.size > 0, 'every run was killed before its first verdict')
  const project = await open({ store: path.join(folder, '.fiable'), baseFolder: folder })
  t.after(() => project.close())
  const [orders] = await project.datasets()
  const stored = new Map((await orders!.verdicts()).map(({ batch, score }) => [batch, score]))
  for (const [batch, score] of acknowledged)
    assert.equal(stored.get(batch), score, `${batch} was acknowledged and is not stored`)
  assert.equal((await orders!.check()).length, DAYS, 'the next run continues')
})

function checkIntegrity(file: string): void {
  let database: DatabaseSync
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  } catch {
    return // killed before the store existed
  }
  assert.equal(database.prepare('pragma integrity_check').get()!.integrity_check, 'ok')
  database.close()
}
