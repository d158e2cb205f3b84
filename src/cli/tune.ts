import { userInfo } from 'node:os'
import pc from 'picocolors'
import {
  formatSensitivity,
  parseSensitivity,
  type Sensitivity,
  type SensitivityText,
} from '../calibration/sensitivity.ts'
import { type Dimension, dimensions } from '../data/dimension.ts'
import { FiableError } from '../data/errors.ts'
import { EVEN_WEIGHTS, type HybridWeights } from '../data/hybrid.ts'
import { readScorecard } from '../evaluation/scorecard-files.ts'
import { type Dataset, datasetNamed, open } from '../monitor/project.ts'
import type { Outcome, WhatIf } from '../monitor/what-if.ts'

export type TuneFlags = Readonly<Partial<Record<Dimension, string>>> & {
  readonly atMost?: string
  readonly strict?: boolean
  /** `completeness=1%`, one per dimension. */
  readonly floor?: readonly string[]
  readonly weights?: 'learnt' | 'even'
  readonly dryRun?: boolean
  readonly history?: boolean
  readonly revert?: string
  readonly format: 'text' | 'json'
  readonly store: string
}

/** `fiable tune`: shows what a sensitivity would have made of the past, and puts it in force. */
export async function tune(name: string, flags: TuneFlags): Promise<void> {
  const project = await open({ store: flags.store })
  try {
    const dataset = await datasetNamed(project, name)
    if (flags.history) return await printHistory(dataset, flags)
    const asked = await askedOf(dataset, flags)
    const effect = await dataset.whatIf(asked)
    if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ asked, ...effect }, null, 2)}\n`)
    else process.stdout.write(describe(name, { asked, effect, before: await dataset.sensitivity() }))
    if (!flags.dryRun) await dataset.tune(asked, userInfo().username)
  } finally {
    await project.close()
  }
}

/** What is in force, changed as the flags say. */
async function askedOf(dataset: Dataset, flags: TuneFlags): Promise<SensitivityText> {
  if (flags.revert !== undefined) return revertedTo(dataset, flags.revert)
  const inForce = formatSensitivity(await dataset.sensitivity())
  const own = Object.fromEntries(
    dimensions.flatMap((dimension) =>
      flags[dimension] === undefined ? [] : [[dimension, flags[dimension]]],
    ),
  )
  const floors = floorsAsked(flags.floor ?? [])
  const isUnchanged = flags.atMost === undefined && flags.strict === undefined && flags.weights === undefined
  if (isUnchanged && Object.keys(own).length === 0 && Object.keys(floors).length === 0)
    throw new FiableError(
      'BAD_ARGUMENT',
      `Nothing to change was named for ${dataset.name}, which is at ${words(await dataset.sensitivity())}.`,
      'Add --at-most 2/week, --strict, a dimension such as --completeness 1/week, or --floor completeness=1%; --history lists what was set before.',
    )
  return {
    atMost: flags.atMost ?? inForce.atMost,
    strict: flags.strict ?? inForce.strict ?? false,
    dimensions: withoutShared({ ...inForce.dimensions, ...own }),
    floors: { ...inForce.floors, ...floors },
    weights: flags.weights === undefined ? inForce.weights : await weightsAsked(dataset, flags.weights),
  }
}

/** The weights that the last drill found, or none. */
async function weightsAsked(dataset: Dataset, asked: 'learnt' | 'even'): Promise<HybridWeights> {
  if (asked === 'even') return EVEN_WEIGHTS
  const stored = await readScorecard(dataset)
  const learnt = stored?.scorecard.hybrid?.weights
  if (learnt && Object.keys(learnt).length === 0)
    process.stderr.write(
      `The last drill found no detector to be surely worth more or less on ${dataset.name}.\n`,
    )
  if (learnt) return learnt
  throw new FiableError(
    'NOT_FOUND',
    `No drill has told what the detectors are worth on ${dataset.name}.`,
    `Run \`fiable drill ${dataset.name}\` first.`,
  )
}

/** What `--floor` said, by dimension. */
const floorsAsked = (given: readonly string[]): NonNullable<SensitivityText['floors']> =>
  Object.fromEntries(
    given.map((text) => {
      const [dimension, share, ...rest] = text.split('=')
      if (dimension && share && rest.length === 0) return [dimension, share]
      throw new FiableError(
        'BAD_ARGUMENT',
        `--floor was '${text}'; it must name a dimension and a share of the rows.`,
        'Write it as --floor completeness=1%.',
      )
    }),
  )

/** A dimension set to `shared` goes back to the budget of the whole. */
const withoutShared = (own: NonNullable<SensitivityText['dimensions']>): SensitivityText['dimensions'] =>
  Object.fromEntries(Object.entries(own).filter(([, text]) => text !== 'shared'))

async function revertedTo(dataset: Dataset, version: string): Promise<SensitivityText> {
  const all = await dataset.settings()
  const found = all.find((setting) => String(setting.version) === version)
  if (found) return formatSensitivity(found.sensitivity)
  throw new FiableError(
    'NOT_FOUND',
    `${dataset.name} has no settings of version ${version}; known: ${all.map((each) => each.version).join(', ')}.`,
    `Choose one of them; \`fiable tune ${dataset.name} --history\` tells who set what.`,
  )
}

async function printHistory(dataset: Dataset, { format }: TuneFlags): Promise<void> {
  const all = await dataset.settings()
  if (format === 'json')
    return void process.stdout.write(
      `${JSON.stringify(
        all.map(({ sensitivity, ...rest }) => ({ ...rest, ...formatSensitivity(sensitivity) })),
        null,
        2,
      )}\n`,
    )
  for (const [i, { version, sensitivity, author, createdMs }] of all.entries()) {
    const when = new Date(createdMs).toISOString().slice(0, 16).replace('T', ' ')
    const line = `${String(version).padStart(4)}  ${when}  ${author.padEnd(14)} ${words(sensitivity)}`
    process.stdout.write(`${i === 0 ? `${pc.bold(line)}  ${pc.green('in force')}` : line}\n`)
  }
}

/** A sensitivity in words: `at most 2/week, strictly; completeness 0.5/week`. */
export const words = (sensitivity: Sensitivity): string => wordsOf(formatSensitivity(sensitivity))

function wordsOf({
  atMost,
  strict,
  dimensions: own = {},
  floors = {},
  weights = {},
}: SensitivityText): string {
  const parts = Object.entries(own).map(([dimension, budget]) => `; ${dimension} ${budget}`)
  const silent = Object.entries(floors).map(
    ([dimension, floor]) => `; ${dimension} above ${floor} of the rows`,
  )
  const counted = Object.entries(weights).map(([member, weight]) => `; ${member} ×${weight}`)
  return `at most ${atMost}${strict ? ', in every one' : ' on average'}${parts.join('')}${silent.join('')}${counted.join('')}`
}

interface Effect {
  readonly asked: SensitivityText
  readonly before: Sensitivity
  readonly effect: WhatIf
}

function describe(name: string, { asked, before, effect }: Effect): string {
  return `${[
    `${pc.bold(name)}: ${effect.batches} judged batches, replayed without reading them again`,
    '',
    row('', 'pages', 'digest', 'a week'),
    row('now', ...figures(effect.before), words(before)),
    row('then', ...figures(effect.after), words(parseSensitivity(asked))),
    '',
    ...list('would have rung too', effect.rung),
    ...list('would have been silent', effect.silenced),
    ...list('known bad, and missed', effect.after.missed),
  ].join('\n')}\n`
}

const row = (first: string, ...cells: readonly string[]): string =>
  `  ${first.padEnd(6)}${cells.map((cell, i) => (i < 3 ? cell.padStart(8) : `   ${cell}`)).join('')}`

const figures = ({ pages, digest, rate }: Outcome): readonly [string, string, string] => [
  String(pages),
  String(digest),
  rate ? rate.perWeek.toFixed(2) : '–',
]

/** Batches named at most so many at a time. */
const NAMED = 8

function list(title: string, batches: readonly string[]): readonly string[] {
  if (batches.length === 0) return []
  const more = batches.length > NAMED ? ` and ${batches.length - NAMED} more` : ''
  return [`  ${title} (${batches.length}): ${batches.slice(-NAMED).join(', ')}${more}`]
}
