import { writeFile } from 'node:fs/promises'
import pc from 'picocolors'
import { modelCard, modelCardPage } from '../tracking/model-card.ts'
import { listVersions, type RegisteredVersion, setAlias, versionOf } from '../tracking/registry.ts'
import type { Store } from '../tracking/store.ts'
import { numberOf } from './runner.ts'
import { say, withStore } from './with-store.ts'

interface Flags {
  readonly store: string
  readonly format?: 'text' | 'json'
}

/** `fiable models list`. */
export const list = (dataset: string | undefined, flags: Flags): Promise<void> =>
  withStore(flags, async ({ db }) => {
    const names = await db.selectFrom('dataset').select(['id', 'name']).execute()
    const id = names.find(({ name }) => name === dataset)?.id
    const versions = (await listVersions(db)).filter(
      ({ datasetId }) => dataset === undefined || datasetId === id,
    )
    if (flags.format === 'json') say(JSON.stringify(versions))
    else
      say(
        versions.length === 0
          ? 'No models yet: `fiable train DATASET` trains the first.'
          : versions.map(lineOf).join('\n'),
      )
  })

const lineOf = ({ name, version, modelType, aliases, metrics, createdMs }: RegisteredVersion): string =>
  [
    pc.bold(`${name}@${version}`.padEnd(28)),
    modelType.padEnd(18),
    new Date(createdMs).toISOString().slice(0, 16).replace('T', ' '),
    pc.cyan(aliases.join(', ').padEnd(21)),
    Object.entries(metrics)
      .map(([key, value]) => `${key} ${shortNumber(value)}`)
      .join('  '),
  ].join('  ')

/** Four significant digits: more says nothing of a model. */
const shortNumber = (value: number): string => String(Number(value.toPrecision(4)))

/** The version that `name`, `name@3` or `name@champion` names. */
export function versionNamed({ db }: Store, text: string): Promise<RegisteredVersion> {
  const at = text.lastIndexOf('@')
  return at < 0 ? versionOf(db, text) : versionOf(db, text.slice(0, at), text.slice(at + 1))
}

/** `fiable models show`. */
export const show = (model: string, flags: Flags & { readonly output?: string }): Promise<void> =>
  withStore(flags, async (store) => {
    const version = await versionNamed(store, model)
    const { output } = flags
    if (output === undefined) return say(modelCard(version).trimEnd())
    await writeFile(output, output.endsWith('.html') ? modelCardPage(version) : modelCard(version))
    say(`card: ${output}`)
  })

/** `fiable models compare`: the fields that differ, side by side. */
export const compare = (one: string, other: string, flags: Flags): Promise<void> =>
  withStore(flags, async (store) => {
    const [a, b] = [await versionNamed(store, one), await versionNamed(store, other)]
    const rows = differences(fieldsOf(a), fieldsOf(b))
    if (flags.format === 'json')
      return say(JSON.stringify(Object.fromEntries(rows.map(([key, ...both]) => [key, both]))))
    const head = `${''.padEnd(28)}${`${a.name}@${a.version}`.padEnd(26)}${b.name}@${b.version}`
    say([pc.bold(head), ...rows.map(([key, x, y]) => `${key.padEnd(28)}${x.padEnd(26)}${y}`)].join('\n'))
  })

const fieldsOf = (version: RegisteredVersion): Readonly<Record<string, string>> => ({
  type: version.modelType,
  framework: `${version.trainingFramework.name} ${version.trainingFramework.version}`,
  file: version.uri,
  ...flat('metrics', version.metrics),
  ...flat('hyperparameters', version.hyperparameters),
})

const flat = (owner: string, value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(value ?? {}).map(([key, inner]) => [`${owner}.${key}`, JSON.stringify(inner)]),
  )

const differences = (
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): readonly (readonly [string, string, string])[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => a[key] !== b[key])
    .map((key) => [key, a[key] ?? '–', b[key] ?? '–'])

/** `fiable models alias`. */
export const alias = (version: string, word: string, flags: Flags): Promise<void> =>
  withStore(flags, async (store) => {
    const [name = '', number = ''] = version.split('@')
    await setAlias(store.db, {
      name,
      alias: word,
      version: numberOf(number, 'The version'),
      nowMs: Date.now(),
    })
    say(`${name}@${word} is version ${number}`)
  })
