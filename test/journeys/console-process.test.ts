import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { addressOf } from '../console-address.ts'
import { MAIN } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

const ROOT = path.join(import.meta.dirname, '..', '..')

const answers = (address: URL): Promise<boolean> =>
  fetch(new URL('/api/health', address)).then(
    ({ ok }) => ok,
    () => false,
  )

async function assertEnds(address: URL): Promise<void> {
  for (let waited = 0; waited < 8000 && (await answers(address)); waited += 100) await pause(100)
  assert.equal(await answers(address), false, `${address} still answers`)
}

function start(t: TestContext, program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, {
    cwd: tempFolder(t),
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

const CONSOLE = ['console', '--port', '0']

test('the console listens on the loopback alone unless told otherwise', async (t) => {
  const address = await addressOf(start(t, process.execPath, [MAIN, ...CONSOLE]))
  assert.equal(address.hostname, '127.0.0.1')
  assert.ok(await answers(address))
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
  if (others.length === 0) t.diagnostic('this machine has no other address: only 127.0.0.2 was tried')
  for (const host of ['127.0.0.2', ...others.map((other) => other.address)]) {
    const [error] = await once(connect(Number(address.port), host), 'error')
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED', host)
  }
})

/** As `npm start` does, without installing, building, or the demo: npm, a shell, scripts/run.mjs, the console. */
const npmStart = (t: TestContext): ChildProcess =>
  start(t, 'npm', ['--prefix', ROOT, '--silent', 'run', 'fiable', '--', ...CONSOLE])

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test(`the console ends when the npm that started it gets ${signal}`, async (t) => {
    const npm = npmStart(t)
    const address = await addressOf(npm)
    npm.kill(signal)
    await assertEnds(address)
  })

test('the console ends when the script between npm and it is killed', async (t) => {
  const script = start(t, process.execPath, [path.join(ROOT, 'scripts', 'run.mjs'), 'fiable', ...CONSOLE])
  const address = await addressOf(script)
  script.kill('SIGKILL')
  await assertEnds(address)
})

test('Ctrl-C, which reaches every process of the terminal, ends the console without an error', async (t) => {
  const console = start(t, process.execPath, [MAIN, ...CONSOLE])
  const address = await addressOf(console)
  console.kill('SIGINT')
  console.kill('SIGINT')
  const [code] = await once(console, 'exit')
  assert.equal(code, 0)
  await assertEnds(address)
})
