// One command brings everything up. Plain JavaScript without dependencies: it runs on Node 20, before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)
const startedAt = performance.now()
const [command, ...rest] = process.argv.slice(2)
const say = (text) =>
  console.error(`[fiable] ${text} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(
    `Node 20.19 or newer is needed, found ${process.version}. Install it from https://nodejs.org and run again.`,
  )
  process.exit(2)
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}

const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? walk(path.join(folder, entry.name)) : [path.join(folder, entry.name)],
    )
    .sort()

/** Runs `work` when what `files` hold changed since the mark was written. */
function whenStale(mark, files, work) {
  const hash = hashOf(files)
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return
  work()
  mkdirSync(path.dirname(mark), { recursive: true })
  writeFileSync(mark, hash)
}

function must(program, args, env = process.env) {
  const done = spawnSync(program, args, {
    stdio: ['inherit', 2, 2],
    env,
    shell: process.platform === 'win32',
  })
  if (done.status === 0) return
  console.error(
    `[fiable] \`${program} ${args.join(' ')}\` failed with ${done.status ?? done.signal}. Read the lines above, then run again.`,
  )
  process.exit(done.status ?? 1)
}

const bin = (name) => path.join('node_modules', '.bin', name)
const node24 = () => {
  const local = path.join(
    root,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  )
  return existsSync(local) ? local : process.execPath
}

function install() {
  // Installing through a link would empty the folder it leads to.
  if (lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink()) return
  whenStale('node_modules/.fiable-lock', ['package.json', 'package-lock.json'], () => {
    say('installing dependencies from the lock file, about half a minute')
    must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev'], {
      ...process.env,
      NODE_ENV: '',
    })
    say('installed')
  })
}

function buildConsole() {
  whenStale('dist/web/.fiable-hash', [...walk('web'), ...walk('src/api'), 'package-lock.json'], () => {
    say('building the console')
    must(node24(), ['node_modules/vite/bin/vite.js', 'build', 'web', '--logLevel', 'warn'])
    say('built')
  })
}

/** The channel closes with this process, however it ends: then a console ends as well. */
const WITH_CHANNEL = ['inherit', 'inherit', 'inherit', 'ipc']

/** How often a command looks whether npm, which started it, is still there: a killed npm tells nobody. */
const PARENT_CHECK_MS = 500

/** Who started this process and, on Linux, who started that: between npm and this there may be a shell. */
function ancestors() {
  const stat = `/proc/${process.ppid}/stat`
  if (!existsSync(stat)) return `${process.ppid}`
  const [, parent] = readFileSync(stat, 'utf8').split(') ').at(-1).split(' ')
  return `${process.ppid} ${parent}`
}

/** Hands over to Node 24, passing signals on and its exit code back; ends it when npm is gone. */
function hand(args, { cwd = root, stdio = 'inherit' } = {}) {
  const env = { ...process.env, PATH: `${path.dirname(node24())}${path.delimiter}${process.env.PATH}` }
  const child = spawn(node24(), args, { stdio, env, cwd })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const started = ancestors()
  if (process.env.npm_lifecycle_event)
    setInterval(() => ancestors() === started || child.kill('SIGTERM'), PARENT_CHECK_MS).unref()
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}

const commands = {
  start() {
    install()
    buildConsole()
    hand(['bin/fiable.mjs', 'console', '--demo', ...rest], { stdio: WITH_CHANNEL })
  },
  test() {
    install()
    buildConsole()
    if (rest.length === 0) {
      say('checking format, lint and types')
      must(bin('biome'), ['check', '--error-on-warnings', '.'])
      must(bin('tsc'), ['--noEmit'])
      must(bin('tsc'), ['--noEmit', '-p', 'web'])
      say('checked')
    }
    const files = rest.length > 0 ? rest : ['test/**/*.test.ts']
    hand(['--test', '--test-reporter=spec', '--test-timeout=300000', '--test-concurrency=2', ...files])
  },
  bench() {
    install()
    hand(['--expose-gc', 'bench/main.ts', ...rest])
  },
  fiable() {
    install()
    hand([path.join(root, 'bin/fiable.mjs'), ...rest], {
      cwd: process.env.INIT_CWD ?? root,
      stdio: WITH_CHANNEL,
    })
  },
  build() {
    install()
    buildConsole()
    must(bin('tsc'), ['-p', 'tsconfig.build.json'])
    must(node24(), ['scripts/bundle-cli.mjs'])
  },
}

requireNode()
const run = Object.hasOwn(commands, command ?? '') ? commands[command] : undefined
if (!run) {
  console.error(`Unknown command ${command}. Use one of: ${Object.keys(commands).join(', ')}.`)
  process.exit(2)
}
run()
