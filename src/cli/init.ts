import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { FiableError } from '../data/errors.ts'

const FILE = 'fiable.yaml'
const DATA = /\.(csv|tsv|parquet|json|ndjson|jsonl)(\.gz)?$/i
const SKIPPED = new Set(['node_modules', 'package.json', 'package-lock.json', 'tsconfig.json'])

interface Found {
  readonly name: string
  readonly data: string
  readonly files: number
}

/** `fiable init`: writes a declaration for the data found, after asking when a person is there to answer. */
export async function init(data: readonly string[], { yes }: { readonly yes?: boolean }): Promise<void> {
  if (existsSync(FILE))
    throw new FiableError(
      'CONFLICT',
      `${FILE} exists already.`,
      'Edit it, or move it away and run `fiable init` again.',
    )
  const found = withDistinctNames(
    data.length > 0
      ? data.map((place) => ({ name: nameOf(place), data: place, files: 1 }))
      : await findData('.'),
  )
  if (found.length === 0)
    throw new FiableError(
      'NO_BATCHES',
      'No CSV, TSV, Parquet, JSON or NDJSON files were found here or one folder below.',
      'Name them: `fiable init path/to/files/*.csv`.',
    )
  const atMost = yes || !process.stdin.isTTY ? '2/week' : await askBudget(found)
  await writeFile(FILE, declarationOf(found, atMost), { flag: 'wx' })
  process.stdout.write(`${FILE} written: ${found.map(({ name }) => name).join(', ')}. Next: fiable check\n`)
}

async function askBudget(found: readonly Found[]): Promise<string> {
  const { select, isCancel, note } = await import('@clack/prompts')
  note(found.map(({ name, data, files }) => `${name}: ${data} (${files} files)`).join('\n'), 'Found')
  const answer = await select({
    message: 'How many alerts do you want at most, on average?',
    options: [
      { value: '2/week', label: 'two a week' },
      { value: '1/week', label: 'one a week' },
      { value: '1/month', label: 'one a month' },
      { value: '1/day', label: 'one a day' },
    ],
  })
  if (isCancel(answer))
    throw new FiableError('CANCELLED', 'Nothing was written.', 'Run `fiable init` again, or with --yes.')
  return answer
}

/** Files that share a stem and an ending are the batches of one dataset. */
async function findData(folder: string): Promise<readonly Found[]> {
  const groups = new Map<string, number>()
  for (const file of await dataFiles(folder, 1)) {
    const pattern = patternOf(file)
    groups.set(pattern, (groups.get(pattern) ?? 0) + 1)
  }
  return [...groups].map(([data, files]) => ({ name: nameOf(data), data, files }))
}

/** Digits of the file's name may vary; those of its folder say where it lies. */
const patternOf = (file: string): string =>
  path.join(
    path.dirname(file),
    path.basename(file).replace(/\d.*(?=\.(csv|tsv|parquet|json|ndjson|jsonl)(\.gz)?$)/i, '*'),
  )

/** A number after names that are taken: folders may hold files of the same name. */
function withDistinctNames(found: readonly Found[]): readonly Found[] {
  const taken = new Set<string>()
  return found.map((each) => {
    let { name } = each
    for (let number = 2; taken.has(name); number++) name = `${each.name}-${number}`
    taken.add(name)
    return { ...each, name }
  })
}

async function dataFiles(folder: string, depth: number): Promise<readonly string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(
    (entry) => !entry.name.startsWith('.') && !SKIPPED.has(entry.name),
  )
  const files = entries
    .filter((entry) => entry.isFile() && DATA.test(entry.name))
    .map((entry) => path.join(folder, entry.name))
  const folders = depth > 0 ? entries.filter((entry) => entry.isDirectory()) : []
  const below = await Promise.all(folders.map((entry) => dataFiles(path.join(folder, entry.name), depth - 1)))
  return [...files, ...below.flat()].sort()
}

const nameOf = (pattern: string): string =>
  path
    .basename(pattern)
    .replace(DATA, '')
    .replaceAll(/[^\w.-]+/g, '-')
    .replaceAll(/^[-_.]+|[-_.]+$/g, '') || 'data'

function declarationOf(found: readonly Found[], atMost: string): string {
  const datasets = found.map(
    ({ name, data }) => `  ${name}:\n    data: ${JSON.stringify(data)}\n    atMost: ${atMost}\n`,
  )
  return `# Datasets under watch. Everything else is inferred; see docs/guide/declaration.md.\n# by: COLUMN cuts files by a date column; every: hour, day, week or month.\ndatasets:\n${datasets.join('')}`
}
