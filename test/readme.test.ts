import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { writeOrders } from './orders.ts'
import { runFiable } from './run-fiable.ts'
import { tempFolder } from './temp-folder.ts'

const root = path.join(import.meta.dirname, '..')
const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1]!)
const commands = blocks('sh').flatMap((block) => block.trim().split('\n'))
const CLI = 'npm run fiable -- '
const spoilt =
  (days: number) => (rows: Parameters<NonNullable<Parameters<typeof writeOrders>[2]>>[0], day: number) =>
    day === days ? rows.map((row, i) => (i % 6 === 0 ? { ...row, email: '' } : row)) : rows

test('the commands are the two that bring everything up, and those of the command line', () => {
  assert.deepEqual(
    commands.filter((command) => !command.startsWith(CLI)),
    ['npm start', 'npm test'],
  )
  assert.ok(commands.length >= 8)
})

test('npm test is what runs this', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  assert.equal(scripts.test, 'node scripts/run.mjs test')
  assert.match(readFileSync(path.join(root, '.ci', 'run'), 'utf8'), /^npm test$/m)
})

test('npm start serves the console with the flights in it', { timeout: 120_000 }, async (t) => {
  const child = spawn('npm', ['start', '--', '--port', '0', '--store', tempFolder(t)], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => endGroup(child))
  const address = await addressOf(child)
  const page = await (await fetch(address)).text()
  assert.match(page, /<title>Fiable/)
  const flights = await until(async () => {
    const [dataset] = (await (await fetch(`${address}/api/datasets`)).json()) as {
      name: string
      batches: number
    }[]
    return dataset && dataset.batches >= 2 ? dataset : undefined
  })
  assert.equal(flights.name, 'flights')
})

async function addressOf(child: ChildProcess): Promise<string> {
  let printed = ''
  for await (const text of child.stdout!.setEncoding('utf8')) {
    printed += text
    const found = /Fiable is at (http:\S+)/.exec(printed)
    if (found) return found[1]!
  }
  throw new Error(`npm start ended: ${printed}`)
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  process.kill(-child.pid!, 'SIGTERM')
  await ended
}

test('every command line of the README does what it says', { timeout: 120_000 }, async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), 12, spoilt(12))
  for (const command of commands.filter((line) => line.startsWith(CLI))) {
    const args = command
      .slice(CLI.length)
      .split(/\s+/)
      .map((word) => word.replaceAll("'", ''))
    const { code, stdout, stderr } = await runFiable(args, folder)
    assert.ok(
      code === 0 || (code === 1 && args[0] === 'check'),
      `${command} exited ${code}\n${stdout}${stderr}`,
    )
  }
  assert.ok(existsSync(path.join(folder, 'verdict.xml')) && existsSync(path.join(folder, 'fiable.yaml')))
})

test('the ten lines of TypeScript run', { timeout: 60_000 }, async (t) => {
  await runsInFolder(t, blocks('ts')[0]!)
})

for (const example of readdirSync(path.join(root, 'examples')))
  test(`examples/${example} runs`, { timeout: 60_000 }, async (t) => {
    await runsInFolder(t, readFileSync(path.join(root, 'examples', example), 'utf8'))
  })

/** Runs a program in a folder with orders, `fiable` being this package. */
async function runsInFolder(t: Parameters<typeof tempFolder>[0], program: string): Promise<void> {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), 5)
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(
    path.join(folder, 'program.ts'),
    program.replaceAll("'fiable'", JSON.stringify(path.join(root, 'src', 'index.ts'))),
  )
  const { status, stdout, stderr } = spawnSync(process.execPath, ['program.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /orders-2024-03-05\.csv ok/)
}

test('links and pictures of the README lead somewhere', () => {
  for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
    assert.ok(existsSync(path.join(root, target!)), target)
})

test('the console that is served was built from what is here', () => {
  assert.ok(existsSync(path.join(root, 'dist', 'web', 'index.html')))
})
