import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { open } from '../../src/index.ts'
import { cameDaily } from '../came-daily.ts'
import { csvOf, orderFile, ordersOf } from '../orders.ts'
import { MAIN } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

interface Watch {
  readonly child: ChildProcess
  /** All that was printed so far, both streams. */
  printed(): string
  /** Resolves once the pattern was printed `times` times. */
  until(pattern: RegExp, times?: number): Promise<void>
  /** Sends a signal; resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** `fiable watch data` in a child. */
function watch(t: TestContext, folder: string, ...args: string[]): Watch {
  const child = spawn(
    process.execPath,
    [MAIN, 'watch', 'data', '--name', 'orders', '--interval', '0.1', ...args],
    { cwd: folder, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' } },
  )
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  t.after(() => child.kill('SIGKILL') && ended)
  let printed = ''
  let changed = (): void => {}
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      changed()
    })
  return {
    child,
    printed: () => printed,
    async until(pattern, times = 1) {
      const holds = (): boolean => [...printed.matchAll(new RegExp(pattern, 'gm'))].length >= times
      while (!holds()) {
        assert.equal(child.exitCode, null, `ended before ${pattern} was printed:\n${printed}`)
        await new Promise<void>((resolve) => (changed = resolve))
      }
    },
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

/** A file that appears whole, as those who deliver files should do it. */
function deliver(folder: string, name: string, content: string): void {
  writeFileSync(path.join(folder, 'part'), content)
  renameSync(path.join(folder, 'part'), path.join(folder, 'data', name))
}

function folderWith(t: TestContext, days: number): string {
  const folder = tempFolder(t)
  mkdirSync(path.join(folder, 'data'))
  for (let day = 1; day <= days; day++) deliver(folder, orderFile(day), csvOf(ordersOf(day, 40)))
  return folder
}

test('watch judges what arrives and what is rewritten, and lives through a broken file', {
  timeout: 60_000,
}, async (t) => {
  const folder = folderWith(t, 2)
  const watching = watch(t, folder)
  await watching.until(/^watching orders, every 0.1 s/)
  await watching.until(/^orders {2}.*orders-2024-03-02\.csv 40 rows/)
  deliver(folder, orderFile(3), csvOf(ordersOf(3, 40)))
  await watching.until(/orders-2024-03-03\.csv 40 rows/)
  deliver(folder, orderFile(3), csvOf(ordersOf(3, 44)))
  await watching.until(/orders-2024-03-03\.csv 44 rows/)
  deliver(folder, orderFile(4), 'a,b\n1,2,3\n')
  await watching.until(/^error MALFORMED_FILE .*orders-2024-03-04\.csv/)
  deliver(folder, orderFile(4), csvOf(ordersOf(4, 40)))
  await watching.until(/orders-2024-03-04\.csv 40 rows/)
  assert.equal(await watching.end('SIGINT'), 0)
  assert.equal(watching.printed().match(/MALFORMED_FILE/g)?.length, 1, 'the same fault is told once')
  assert.equal(watching.printed().match(/orders-2024-03-02\.csv/g)?.length, 1, 'nothing is judged twice')
})

test('watch says once that the next batch did not come, given how earlier ones came', {
  timeout: 60_000,
}, async (t) => {
  const folder = folderWith(t, 8)
  const project = await open({ store: path.join(folder, '.fiable'), baseFolder: folder })
  const orders = await project.dataset('orders', { data: 'data' })
  await orders.check()
  await cameDaily(project, orders.id, Date.now() - 3 * 86_400_000)
  const { lateSinceMs } = (await orders.next())!
  await project.close()
  const since = new Date(lateSinceMs!).toISOString().slice(0, 16).replace('T', ' ')
  const watching = watch(t, folder)
  await watching.until(/^orders {2}late since .* UTC: the next batch did not come {2}\[completeness\]$/)
  assert.ok(watching.printed().includes(`late since ${since} UTC`), watching.printed())
  deliver(folder, orderFile(9), csvOf(ordersOf(9, 40)))
  await watching.until(/orders-2024-03-09\.csv 40 rows/)
  assert.equal(await watching.end('SIGINT'), 0)
  assert.equal(watching.printed().match(/late since/g)?.length, 1)
  const json = watch(t, folder, '--format', 'json')
  await json.until(/^watching orders/)
  await json.end('SIGINT')
  assert.doesNotMatch(json.printed(), /lateSinceMs/, 'what came ends it')
})

test('watch --format json prints one verdict a line, and SIGTERM ends it with code 0', {
  timeout: 30_000,
}, async (t) => {
  const watching = watch(t, folderWith(t, 3), '--format', 'json')
  await watching.until(/^\{.*\}$/, 3)
  assert.equal(await watching.end('SIGTERM'), 0)
  const verdicts = watching
    .printed()
    .split('\n')
    .filter((line) => line.startsWith('{'))
  assert.deepEqual(
    verdicts.map((line) => (JSON.parse(line) as { batch: string }).batch),
    [1, 2, 3].map(orderFile),
  )
})

test('watch waits for a folder that is still empty', { timeout: 30_000 }, async (t) => {
  const folder = folderWith(t, 0)
  const watching = watch(t, folder)
  await watching.until(/^error NO_BATCHES/)
  deliver(folder, orderFile(1), csvOf(ordersOf(1, 40)))
  await watching.until(/orders-2024-03-01\.csv 40 rows/)
  assert.equal(await watching.end('SIGINT'), 0)
})

test('watch runs the fire drill when it is due, once, as the declaration says', {
  timeout: 60_000,
}, async (t) => {
  const folder = folderWith(t, 0)
  for (let day = 1; day <= 12; day++) deliver(folder, orderFile(day), csvOf(ordersOf(day, 150)))
  const watching = watch(t, folder, '--fire-drill', 'weekly')
  await watching.until(/^orders: fire drill of \w+, .* on orders-2024-03-12\.csv: \d of 5 rang/)
  deliver(folder, orderFile(13), csvOf(ordersOf(13, 150)))
  await watching.until(/orders-2024-03-13\.csv 150 rows/)
  const code = await watching.end('SIGINT')
  assert.equal(watching.printed().match(/fire drill of/g)?.length, 1, 'the next one is due in a week')
  assert.equal(code, /5 of 5 rang/.test(watching.printed()) ? 0 : 1)
})
