import type { Dirent, Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { FiableError, messageOf } from '../data/errors.ts'
import { type FileFormat, formatOfName, KNOWN_ENDINGS } from './file-format.ts'
import { type FileStamp, stampOf, systemCode } from './file-stamp.ts'
import type { Notices } from './notices.ts'

/** A hive partition a file lies in: `date=2024-01-01`; null for hive's default partition. */
export interface Partition {
  readonly name: string
  readonly value: string | null
}

/** A data file on disk. */
export interface DataFile extends FileStamp {
  /** Absolute. */
  readonly path: string
  /** Relative to the deepest folder that all declared paths share, with `/`. */
  readonly name: string
  readonly format: FileFormat
  readonly partitions: readonly Partition[]
}

interface Found {
  readonly path: string
  readonly stats: Stats
}

const GLOB = /[*?[\]{}]/
const HIVE = /^([^=/]+)=(.*)$/

/**
 * The data files that paths, globs and folders (searched through, links followed once) name.
 *
 * In folders and globs, names that start with a dot or an underscore are left out (`_SUCCESS`, `.tmp`); so are, with a
 * notice, things that are no regular files (a FIFO is never opened) and endings that are no known format.
 *
 * @throws FiableError NO_BATCHES when nothing was found, NOT_READABLE, UNSUPPORTED_FORMAT, BAD_CONFIG for a URL.
 */
export async function findFiles(
  data: readonly string[],
  baseFolder: string,
  notices: Notices,
): Promise<readonly DataFile[]> {
  const skipped: string[] = []
  const found = new Map<string, Found>()
  for (const pattern of data)
    for (const each of await findPattern(pattern, baseFolder, skipped)) found.set(each.path, each)
  const files = withFormat([...found.values()], data, baseFolder, skipped)
  if (files.length === 0) throw nothingFound(data, baseFolder, skipped)
  if (skipped.length > 0) notices.add(`Passed over: ${listed(skipped)}.`)
  return files
}

const listed = (items: readonly string[]): string =>
  items.slice(0, 3).join('; ') + (items.length > 3 ? `; and ${items.length - 3} more` : '')

function nothingFound(data: readonly string[], baseFolder: string, skipped: readonly string[]): FiableError {
  const passed = skipped.length > 0 ? ` Passed over: ${listed(skipped)}.` : ''
  return new FiableError(
    'NO_BATCHES',
    `No data file was found for ${data.map((each) => `'${each}'`).join(', ')} in ${baseFolder}.${passed}`,
    `Check \`data\` against what is there; files must end in ${KNOWN_ENDINGS}.`,
  )
}

async function findPattern(pattern: string, baseFolder: string, skipped: string[]): Promise<Found[]> {
  refuseUrl(pattern)
  const absolute = path.resolve(baseFolder, pattern)
  const stats = await statOrNull(absolute)
  if (stats?.isDirectory()) return walk(absolute, skipped, new Set())
  if (stats?.isFile()) return [{ path: absolute, stats: requireFormat(absolute, stats) }]
  if (stats) throw notRegular(absolute, stats)
  if (!GLOB.test(pattern)) return []
  const root = globBase(absolute)
  return expand(root, path.relative(root, absolute).split(path.sep), skipped)
}

function refuseUrl(pattern: string): void {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(pattern)?.[1]
  if (!scheme) return
  throw new FiableError(
    'BAD_CONFIG',
    `data has a ${scheme}:// address, but must be local files, globs or folders, or one postgresql:// URL.`,
    'Copy the files to this machine, or mount them as a folder, and name that.',
  )
}

function requireFormat(file: string, stats: Stats): Stats {
  if (formatOfName(file)) return stats
  throw new FiableError(
    'UNSUPPORTED_FORMAT',
    `${file} ends in '${path.extname(file)}', which names no known format.`,
    `Rename the file by its format: ${KNOWN_ENDINGS}.`,
  )
}

const notRegular = (file: string, stats: Stats): FiableError =>
  new FiableError(
    'NOT_READABLE',
    `${file} is ${kindOf(stats)}, but data must be regular files or folders.`,
    'Write the data to a file, and name that.',
  )

const kindOf = (stats: Stats): string =>
  stats.isFIFO() ? 'a FIFO' : stats.isSocket() ? 'a socket' : 'a device'

const GONE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])

async function statOrNull(file: string): Promise<Stats | null> {
  try {
    return await stat(file)
  } catch (cause) {
    if (GONE.has(systemCode(cause) ?? '')) return null
    throw notReadable(file, cause)
  }
}

const notReadable = (file: string, cause: unknown): FiableError =>
  new FiableError(
    'NOT_READABLE',
    `${file} cannot be read: ${messageOf(cause)}.`,
    'Give this user the right to read it and the folders above it, then run again.',
    { cause },
  )

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter(({ name }) => !/^[._]/.test(name))
  } catch (cause) {
    if (GONE.has(systemCode(cause) ?? '')) return []
    throw notReadable(folder, cause)
  }
}

/** What an entry is once links are followed; null, with a reason, for a dangling or circular link. */
async function resolveEntry(file: string, skipped: string[]): Promise<Found | null> {
  try {
    return { path: file, stats: await stat(file) }
  } catch (cause) {
    if (systemCode(cause) === 'EACCES') throw notReadable(file, cause)
    skipped.push(`${file} (a link that leads nowhere)`)
    return null
  }
}

/** All files below a folder; `visited` holds real paths, so that circular links end. */
async function walk(folder: string, skipped: string[], visited: Set<string>): Promise<Found[]> {
  const real = await realpath(folder)
  if (visited.has(real)) return []
  visited.add(real)
  const files: Found[] = []
  for (const entry of await entriesOf(folder)) {
    const found = await resolveEntry(path.join(folder, entry.name), skipped)
    if (found?.stats.isDirectory()) files.push(...(await walk(found.path, skipped, visited)))
    else if (found) files.push(...onlyRegular(found, skipped))
  }
  return files
}

function onlyRegular(found: Found, skipped: string[]): Found[] {
  if (found.stats.isFile()) return [found]
  skipped.push(`${found.path} (${kindOf(found.stats)})`)
  return []
}

/** The folder above the first path segment with a glob character. */
function globBase(pattern: string): string {
  const segments = pattern.split(path.sep)
  const first = segments.findIndex((segment) => GLOB.test(segment))
  return segments.slice(0, first).join(path.sep) || path.sep
}

async function expand(folder: string, segments: readonly string[], skipped: string[]): Promise<Found[]> {
  const [head, ...rest] = segments
  if (head === '**' && rest.length === 0) return walk(folder, skipped, new Set())
  if (head === '**') return expandDeep(folder, rest, skipped, new Set())
  const files: Found[] = []
  for (const entry of await entriesOf(folder)) {
    if (entry.name !== head && !path.matchesGlob(entry.name, head!)) continue
    const found = await resolveEntry(path.join(folder, entry.name), skipped)
    if (found) files.push(...(await descend(found, rest, skipped)))
  }
  return files
}

async function descend(found: Found, rest: readonly string[], skipped: string[]): Promise<Found[]> {
  if (found.stats.isDirectory() && rest.length > 0) return expand(found.path, rest, skipped)
  if (rest.length > 0) return []
  if (!found.stats.isDirectory()) return onlyRegular(found, skipped)
  skipped.push(`${found.path} (a folder; end the pattern in /** for what is in it)`)
  return []
}

async function expandDeep(
  folder: string,
  rest: readonly string[],
  skipped: string[],
  visited: Set<string>,
): Promise<Found[]> {
  const real = await realpath(folder)
  if (visited.has(real)) return []
  visited.add(real)
  const files = await expand(folder, rest, [])
  for (const entry of await entriesOf(folder)) {
    const found = await resolveEntry(path.join(folder, entry.name), skipped)
    if (found?.stats.isDirectory()) files.push(...(await expandDeep(found.path, rest, skipped, visited)))
  }
  return files
}

/** The folder names are relative to: it depends on what is declared only, so that keys outlive new files. */
function sharedRoot(data: readonly string[], baseFolder: string, found: readonly Found[]): string {
  const paths = new Set(found.map((each) => each.path))
  const roots = data.map((pattern) => {
    const absolute = path.resolve(baseFolder, pattern)
    if (paths.has(absolute)) return path.dirname(absolute)
    return GLOB.test(pattern) && !found.some((each) => each.path.startsWith(absolute + path.sep))
      ? globBase(absolute)
      : absolute
  })
  const common = (a: readonly string[], b: readonly string[]): string[] => {
    const differ = a.findIndex((segment, i) => segment !== b[i])
    return a.slice(0, differ < 0 ? a.length : differ)
  }
  return (
    roots
      .map((root) => root.split(path.sep))
      .reduce(common)
      .join(path.sep) || path.sep
  )
}

function withFormat(
  found: readonly Found[],
  data: readonly string[],
  baseFolder: string,
  skipped: string[],
): DataFile[] {
  const root = sharedRoot(data, baseFolder, found)
  return found.flatMap(({ path: file, stats }) => {
    const format = formatOfName(file)
    if (!format) {
      skipped.push(`${file} (no known ending)`)
      return []
    }
    const name = path.relative(root, file).split(path.sep).join('/')
    return [{ path: file, name, format, partitions: partitionsOf(file), ...stampOf(stats) }]
  })
}

/** The `name=value` folders right above a file, outermost first. */
function partitionsOf(file: string): Partition[] {
  const folders = path.dirname(file).split(path.sep)
  const first = 1 + folders.findLastIndex((folder) => !HIVE.test(folder))
  return folders.slice(first).map((folder) => {
    const [, name, value] = HIVE.exec(folder)!
    return { name: decode(name!), value: value === '__HIVE_DEFAULT_PARTITION__' ? null : decode(value!) }
  })
}

/** Hive writes special characters as %XX; a stray % stays as it is. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    const bytes = Buffer.from(escaped.replaceAll('%', ''), 'hex')
    return bytes.toString('utf8')
  })
}
