import pc from 'picocolors'
import type { Selector } from '../corruption/selectors.ts'
import type { Shape } from '../corruption/shapes.ts'
import { FiableError } from '../data/errors.ts'
import type { CatchRate } from '../evaluation/catch-rate.ts'
import type { Delay } from '../evaluation/detection-delay.ts'
import { type DrillOptions, drill, estimateDrill } from '../evaluation/drill.ts'
import { type FireDrill, fireDrill } from '../evaluation/fire-drill.ts'
import type { Scorecard, ScorecardLine } from '../evaluation/scorecard.ts'
import {
  readFireDrills,
  scorecardFiles,
  storeDrill,
  storeFireDrill,
  writeWhole,
} from '../evaluation/scorecard-files.ts'
import { bandText, scorecardPage } from '../evaluation/scorecard-page.ts'
import { type Dataset, datasetNamed, open } from '../monitor/project.ts'
import { countText } from './count-text.ts'
import { EXIT } from './exit.ts'
import { duration, progressBar } from './progress.ts'

export interface DrillFlags {
  readonly store: string
  readonly batches: string
  readonly fractions: string
  readonly columns: string
  readonly corruptions?: string
  readonly selectors: string
  readonly shapes: string
  readonly duration: string
  readonly atOnce: string
  readonly children?: string
  readonly seed: string
  readonly long?: boolean
  readonly plan?: boolean
  readonly fire?: boolean
  readonly output?: string
}

/** Lines printed; the report has them all. */
const SHOWN = 15

/** `fiable drill`: spoils shadow copies, prints what would be caught, weak spots first, and stores the report. */
export async function runDrill(name: string, flags: DrillFlags): Promise<void> {
  const project = await open({ store: flags.store })
  try {
    const dataset = await datasetNamed(project, name)
    if (flags.fire) await runFire(dataset)
    else if (flags.plan) await tellPlan(dataset, optionsOf(flags))
    else await runWhole(dataset, flags)
  } finally {
    await project.close()
  }
}

async function runWhole(dataset: Dataset, flags: DrillFlags): Promise<void> {
  const bar = progressBar()
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal)
  try {
    const options = optionsOf(flags)
    const { trials, estimatedMs } = await estimateDrill(dataset, options)
    if (estimatedMs > SAID_FROM_MS)
      process.stderr.write(`up to ${countText(trials)} trials, about ${duration(estimatedMs)}\n`)
    const done = await drill(dataset, { ...options, onProgress: bar.update, signal: stop.signal })
    bar.clear()
    await storeDrill(dataset, done, Date.now())
    const report = flags.output ?? scorecardFiles(dataset).page
    if (flags.output) await writeCopies(dataset, flags.output, done.scorecard)
    process.stdout.write(`${textOf(dataset.name, done.scorecard)}\n\nreport: ${report}\n`)
  } finally {
    bar.clear()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  }
}

/** Estimates from here on are told before the work begins. */
const SAID_FROM_MS = 20_000

async function writeCopies(dataset: Dataset, page: string, scorecard: Scorecard): Promise<void> {
  const fire = (await readFireDrills(dataset)).at(-1) ?? null
  await writeWhole(page, scorecardPage(dataset.name, scorecard, fire))
  await writeWhole(`${page.replace(/\.html$/, '')}.json`, `${JSON.stringify(scorecard, null, 2)}\n`)
}

async function tellPlan(dataset: Dataset, options: DrillOptions): Promise<void> {
  const { batches, trials, children, estimatedMs } = await estimateDrill(dataset, options)
  process.stdout.write(
    `${dataset.name}: up to ${countText(trials)} trials on ${batches} batches, about ${duration(estimatedMs)} in ${children} processes\n`,
  )
}

async function runFire(dataset: Dataset): Promise<void> {
  const bar = progressBar()
  try {
    const fire = await fireDrill(dataset, { atMs: Date.now(), onProgress: bar.update })
    await storeFireDrill(dataset, fire)
    bar.clear()
    process.stdout.write(`${fireText(dataset.name, fire)}\n`)
    if (!hasRung(fire)) process.exitCode = EXIT.alert
  } finally {
    bar.clear()
  }
}

/** Whether the alarm rang for every fault that could be made. */
export const hasRung = ({ rang, trials }: FireDrill): boolean => rang === trials.length && rang > 0

/** What a fire drill found, the faults that were not heard first and loud. */
export function fireText(name: string, fire: FireDrill): string {
  const day = new Date(fire.atMs).toLocaleDateString('en', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
  const head = `${name}: fire drill of ${day} on ${fire.batch}: ${fire.rang} of ${fire.trials.length} rang`
  const silent = fire.trials.filter(({ rang }) => !rang)
  return [
    hasRung(fire) ? pc.bold(head) : pc.red(pc.bold(`${head} — THE ALARM IS DEAF`)),
    ...silent.map(
      ({ dimension, corruption, columns, score, threshold }) =>
        `  ${pc.red('silent')}  ${dimension}: ${corruption}${columns.length > 0 ? ` of half of ${columns.join(' and ')}` : ''} scored ${score.toFixed(1)} nats, the alarm rings above ${threshold.toFixed(1)}`,
    ),
    ...fire.trials
      .filter(({ rang }) => rang)
      .map(({ dimension, corruption, columns }) =>
        pc.dim(
          `  rang    ${dimension}: ${corruption}${columns.length > 0 ? ` of ${columns.join(' and ')}` : ''}`,
        ),
      ),
    ...(hasRung(fire)
      ? []
      : [`${pc.bold('→')} Run \`fiable drill ${name}\` to see what is missed, and raise the alert budget.`]),
  ].join('\n')
}

function optionsOf(flags: DrillFlags): DrillOptions {
  return {
    batches: numberOf('--batches', flags.batches),
    fractions: fractionsOf(flags.fractions),
    columns: numberOf('--columns', flags.columns),
    selectors: listOf(flags.selectors) as Selector[],
    shapes: listOf(flags.shapes) as Shape[],
    duration: numberOf('--duration', flags.duration),
    atOnce: numberOf('--at-once', flags.atOnce),
    seed: flags.seed,
    ...(flags.corruptions ? { corruptions: listOf(flags.corruptions) } : {}),
    ...(flags.children ? { children: numberOf('--children', flags.children) } : {}),
    ...(flags.long ? { mostMs: Number.POSITIVE_INFINITY } : {}),
  }
}

const listOf = (text: string): string[] => text.split(',').map((part) => part.trim())

function numberOf(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new FiableError('BAD_ARGUMENT', `${flag} was ${text}; it must be a number.`, `Give ${flag} a number.`)
}

/** Shares with commas, or `log:4` for four drawn log-uniformly per fault. */
function fractionsOf(text: string): NonNullable<DrillOptions['fractions']> {
  const drawn = /^log:(\d+)$/.exec(text)
  return drawn ? { drawn: Number(drawn[1]) } : text.split(',').map((share) => numberOf('--fractions', share))
}

function textOf(name: string, scorecard: Scorecard): string {
  const { overall, falseAlarms, batches, delays, notApplicable } = scorecard
  const faults = byCorruption(scorecard.lines.filter(({ dimension }) => dimension !== null))
  const benign = byCorruption(scorecard.lines.filter(({ dimension }) => dimension === null))
  return [
    pc.bold(
      `${name}: would catch ${rateText(overall)} of ${overall.trials} faults tried on ${batches} batches; ${rateText(falseAlarms)} false alarms`,
    ),
    `right dimension ${rateText(scorecard.dimensionNamed)}, column first ${rateText(scorecard.columnFirst)}, among the first three ${rateText(scorecard.columnNamed)}`,
    '',
    pc.dim('weak spots first: share of the rows spoiled: caught (range of 19 in 20 such drills)'),
    ...faults.slice(0, SHOWN).map(corruptionText),
    ...(faults.length > SHOWN ? [pc.dim(`… ${faults.length - SHOWN} more in the report`)] : []),
    ...section(
      'faults that last, the latest told first: told at all, batches until the first alert',
      slowest(delays),
      delayText,
    ),
    ...hybridText(name, scorecard.hybrid),
    ...section('benign changes that must not alarm', benign, corruptionText),
    ...section('not applicable here, neither caught nor missed', notApplicable, noneText),
  ].join('\n')
}

/** What the members of the hybrid are worth here, when any should count for more or less. */
function hybridText(name: string, hybrid: Scorecard['hybrid']): readonly string[] {
  if (!hybrid || hybrid.members.length === 0) return []
  const { weights, members, auc } = hybrid
  const points = (of: number): string => `${of >= 0 ? '+' : '−'}${Math.abs(of * 100).toFixed(1)}`
  const lines = members.map(
    ({ member, weight, gain }) =>
      `  ${member.padEnd(20)} ×${weight}: ${points(gain.value)} (${points(gain.low)} to ${points(gain.high)})${weights[member] === undefined ? '' : `  ${pc.green('surely')}`}`,
  )
  const isLearnt = Object.keys(weights).length > 0
  return [
    ...section(
      `detectors weighed: points of the chance (${(auc * 100).toFixed(1)} %) that a spoiled batch scores above a clean one`,
      lines,
      (line) => line,
    ),
    ...(isLearnt
      ? [
          `${pc.bold('→')} \`fiable tune ${name} --weights learnt\` lets them count so, and shows what changes first.`,
        ]
      : []),
  ]
}

/** The lines of each corruption, small fractions first; those least caught first. */
function byCorruption(lines: readonly ScorecardLine[]): readonly (readonly ScorecardLine[])[] {
  const meanRate = (of: readonly ScorecardLine[]): number =>
    of.reduce((sum, { caught }) => sum + caught.rate, 0) / of.length
  return [...Map.groupBy(lines, ({ corruption }) => corruption).values()]
    .map((of) => of.toSorted((a, b) => a.fraction - b.fraction))
    .sort((a, b) => meanRate(a) - meanRate(b))
}

function corruptionText(lines: readonly ScorecardLine[]): string {
  const rates = lines.map(({ band, caught }) =>
    `${pc.dim(`${bandText(band)}:`)} ${rateText(caught)}`.padEnd(24),
  )
  return `  ${lines[0]!.corruption.padEnd(26)} ${rates.join('  ')}`.trimEnd()
}

/** The faults told last, of which the report has all. */
const slowest = (delays: readonly Delay[]): readonly Delay[] =>
  delays
    .toSorted((a, b) => (b.medianBatches ?? Infinity) - (a.medianBatches ?? Infinity) || 0)
    .slice(0, SHOWN)

const delayText = ({ corruption, shape, caught, medianBatches }: Delay): string =>
  `  ${`${corruption}, ${shape}`.padEnd(38)} ${rateText(caught).padEnd(18)} ${medianBatches ?? 'more than half never told'}`

const noneText = ({ corruption, reasons }: Scorecard['notApplicable'][number]): string =>
  `  ${corruption.padEnd(26)} ${reasons.join(', ')}`

const section = <T>(title: string, items: readonly T[], line: (item: T) => string): readonly string[] =>
  items.length > 0 ? ['', pc.dim(title), ...items.map(line)] : []

const percent = (share: number): string => (share * 100).toFixed(0)

/** A rate with its range: `97 % (94–99)`. */
const rateText = ({ rate, low, high, trials }: Omit<CatchRate, 'hits'>): string =>
  trials === 0 ? 'not tried' : `${percent(rate)} % (${percent(low)}–${percent(high)})`
