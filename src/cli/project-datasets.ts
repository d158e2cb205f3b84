import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { FiableError, messageOf } from '../data/errors.ts'
import {
  type DatasetInput,
  type ProjectDeclaration,
  parseDeclaration,
  projectDeclaration,
} from '../monitor/declaration.ts'
import type { Dataset, Project } from '../monitor/project.ts'

/** Options that declare a dataset on the command line. */
export interface SourceOptions {
  readonly by?: string
  readonly every?: NonNullable<DatasetInput['every']>
  readonly table?: string
  readonly query?: string
  readonly timeZone?: string
  readonly atMost?: string
  readonly name?: string
  readonly config: string
  readonly store: string
}

/** The datasets a command is about: those of the arguments, or those of the declaration file. */
export async function declaredDatasets(
  project: Project,
  data: readonly string[],
  options: SourceOptions,
): Promise<readonly Dataset[]> {
  const [only] = data
  if (data.length === 1 && only !== undefined && /\.ya?ml$/.test(only)) return fromFile(project, only)
  if (data.length > 0) return [await fromArguments(project, data, options)]
  if (existsSync(options.config)) return fromFile(project, options.config)
  throw new FiableError(
    'BAD_ARGUMENT',
    `No data was named, and there is no ${options.config} here.`,
    'Name files, a folder or a glob (`fiable check data/*.csv`), or write a declaration with `fiable init`.',
  )
}

async function fromFile(project: Project, file: string): Promise<readonly Dataset[]> {
  const { datasets } = await readProjectFile(file)
  const declared: Dataset[] = []
  for (const [name, declaration] of Object.entries(datasets))
    declared.push(await project.dataset(name, declaration))
  if (declared.length === 0)
    throw new FiableError(
      'BAD_CONFIG',
      `${file} declares no datasets.`,
      'Add one under `datasets:`; `fiable init` writes an example.',
    )
  return declared
}

/**
 * Reads a declaration file.
 *
 * @throws FiableError NOT_READABLE, or BAD_CONFIG naming the offending fields.
 */
export async function readProjectFile(file: string): Promise<ProjectDeclaration> {
  const { parse } = await import('yaml')
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FiableError(
      'NOT_READABLE',
      `${file} cannot be read: ${messageOf(cause)}.`,
      'Check the path, or write one with `fiable init`.',
      { cause },
    )
  })
  let value: unknown
  try {
    value = parse(text)
  } catch (cause) {
    throw new FiableError(
      'BAD_CONFIG',
      `${file} is not valid YAML: ${messageOf(cause)}`,
      'Correct the line named above.',
      { cause },
    )
  }
  return parseDeclaration(projectDeclaration, value, file)
}

async function fromArguments(
  project: Project,
  data: readonly string[],
  options: SourceOptions,
): Promise<Dataset> {
  const { by, every, table, query, timeZone, atMost } = options
  const places = data.map((place) => (isUrl(place) ? place : path.resolve(place)))
  const declared = Object.fromEntries(
    Object.entries({ by, every, table, query, timeZone, atMost }).filter(([, value]) => value !== undefined),
  )
  return project.dataset(options.name ?? nameFor(places, options), { data: places, ...declared })
}

/** A URL, or a reference to a variable that may hold one. */
const isUrl = (place: string): boolean => /^[a-z]+:\/\/|^\$\{/.test(place)

/**
 * A name made of the stem that the files share, and a digest of where they lie and how they are cut, so that the same
 * command finds its history again and another folder does not disturb it.
 */
function nameFor(places: readonly string[], { by, every, table, query }: SourceOptions): string {
  const first = places[0]!
  const stem = isUrl(first) ? (table ?? 'query') : stemOf(path.basename(first))
  const where = URL.canParse(first) ? new URL(first).host + new URL(first).pathname : path.dirname(first)
  const digest = createHash('sha256')
    .update(JSON.stringify([where, stem, by, every, table, query]))
    .digest('hex')
    .slice(0, 6)
  return `${stem}-${digest}`
}

const stemOf = (file: string): string =>
  file
    .replace(/\.(csv|tsv|parquet|json|ndjson|jsonl)(\.gz)?$/i, '')
    .replace(/[\d*?[\]{}].*$/, '')
    .replaceAll(/[^\w.-]+/g, '-')
    .replaceAll(/^[-_.]+|[-_.]+$/g, '') || 'data'
