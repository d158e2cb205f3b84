import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { installedCopy } from '../../scripts/installed-copy.ts'
import { addressOf } from '../console-address.ts'
import { writeOrders } from '../orders.ts'
import { runFiable } from '../run-fiable.ts'

// What users run is built and bundled; all other tests run the sources.
const folder = mkdtempSync(path.join(tmpdir(), 'fiable-'))
let command = ''
const fiable = (...args: string[]) => runFiable(args, folder, command)

before(async () => {
  command = installedCopy(folder)
  await writeOrders(path.join(folder, 'data'), 12, (rows) => rows.slice(0, 60))
})

after(() => rmSync(folder, { recursive: true, force: true }))

test('the installed command checks a folder', async () => {
  const { code, stdout, stderr } = await fiable('check', 'data', '--name', 'orders')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /● ok/)
})

test('the installed command is what was bundled, with the licences of what it contains', () => {
  const bundle = path.join(path.dirname(command), '..', 'dist', 'cli')
  assert.ok(existsSync(path.join(bundle, 'main.js')))
  assert.ok(readdirSync(bundle).length < 120, 'not a file per module')
  const licences = readFileSync(path.join(bundle, 'LICENSES.txt'), 'utf8')
  for (const name of ['commander', 'kysely', 'picocolors', 'zod']) assert.ok(licences.includes(name), name)
})

test('the processes that it starts run as well: trials of a drill, steps of a training', async () => {
  const drill = await fiable(
    'drill',
    'orders',
    '--batches',
    '2',
    '--fractions',
    '0.3',
    '--corruptions',
    'explicit-nulls',
  )
  assert.equal(drill.code, 0, drill.stderr)
  assert.match(drill.stdout, /explicit-nulls/)
  const run = await fiable('train', 'orders')
  assert.equal(run.code, 0, run.stderr)
  assert.match(run.stdout, /champion/)
})

test('its console serves the page, the API, and root causes from a process of their own', async (t) => {
  const child = spawn(process.execPath, [command, 'console', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.after(() => child.kill('SIGKILL'))
  const address = await addressOf(child)
  assert.match(await textAt(new URL('/', address)), /<div id="root">/)
  const [dataset] = JSON.parse(await textAt(new URL('/api/datasets', address))) as { name: string }[]
  assert.equal(dataset?.name, 'orders')
  const causes = new URL('/api/datasets/orders/causes?batch=orders-2024-03-12.csv', address)
  assert.ok(Array.isArray(JSON.parse(await textAt(causes))))
})

async function textAt(url: URL): Promise<string> {
  const answer = await fetch(url)
  assert.equal(answer.status, 200, `${url}`)
  return answer.text()
}
