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

/** Runs `fiable watch`, kills it some milliseconds after it started, or after its first verdict, and returns the verdicts it acknowledged by printing them. */
function runAndKill(
  cwd: string,
  after: { readonly start: number; readonly verdict: number | null },
): Promise<readonly { batch: string; score: number }[]> {
  const child = spawn(
    process.execPath,
    [MAIN, 'watch', 'data', '--name', 'orders', '--format', 'json', '--interval', '1'],
    { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  let timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const killIn = (delayMs: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => child.kill('SIGKILL'), delayMs)
  }
  child.stderr.once('data', () => killIn(after.start))
  if (after.verdict !== null) child.stdout.once('data', () => killIn(after.verdict!))
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
    const told = await runAndKill(
      folder,
      kill % 2 === 0 ? { start: 1500, verdict: draw() * 250 } : { start: draw() * 700, verdict: null },
    )
    for (const { batch, score } of told) {
      assert.ok(!acknowledged.has(batch), `${batch} was judged twice`)
      acknowledged.set(batch, score)
    }
    if (told.length > 0) interrupted++
    checkIntegrity(path.join(folder, '.fiable', 'store.sqlite'))
  }
  t.diagnostic(`${acknowledged.size} verdicts acknowledged in ${interrupted} of ${KILLS} killed runs`)
  assert.ok(interrupted >= 5, `only ${interrupted} runs were killed while they judged`)
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
