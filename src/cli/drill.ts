import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pc from 'picocolors'
import { FiableError } from '../data/errors.ts'
import { drill } from '../evaluation/drill.ts'
import type { Scorecard, ScorecardLine } from '../evaluation/scorecard.ts'
import { scorecardPage } from '../evaluation/scorecard-page.ts'
import type { Proportion } from '../math/proportion.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import { progressBar } from './progress.ts'

export interface DrillFlags {
  readonly store: string
  readonly batches: string
  readonly fractions: string
  readonly seed: string
  readonly output?: string
}

/** Lines printed; the report has them all. */
const SHOWN = 15

/** `fiable drill`: spoils shadow copies, prints what would be caught, weak spots first, and stores the report. */
export async function runDrill(name: string, flags: DrillFlags): Promise<void> {
  const project = await open({ store: flags.store })
  const bar = progressBar()
  try {
    const dataset = await datasetNamed(project, name)
    const options = {
      batches: wholeOf(flags.batches),
      fractions: flags.fractions.split(',').map(shareOf),
      seed: flags.seed,
      onProgress: bar.update,
    }
    const { scorecard, results } = await drill(dataset, options)
    bar.clear()
    const report = flags.output ?? path.join(project.store.folder, 'scorecards', `${name}.html`)
    await store(report, { name, scorecard, results })
    process.stdout.write(`${textOf(name, scorecard)}\n\nreport: ${report}\n`)
  } finally {
    bar.clear()
    await project.close()
  }
}

function wholeOf(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new FiableError(
    'BAD_ARGUMENT',
    `--batches was ${text}; it must be a whole number from 1.`,
    'Give a number of batches, such as --batches 12.',
  )
}

function shareOf(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1) return value
  throw new FiableError(
    'BAD_ARGUMENT',
    `--fractions holds ${text}; each must be above 0 and at most 1.`,
    'Give shares of the rows, such as --fractions 0.02,0.1,0.3.',
  )
}

async function store(
  report: string,
  drilled: { readonly name: string; readonly scorecard: Scorecard; readonly results: readonly unknown[] },
): Promise<void> {
  await mkdir(path.dirname(report), { recursive: true })
  await writeFile(report, scorecardPage(drilled.name, drilled.scorecard))
  await writeFile(`${report.replace(/\.html$/, '')}.json`, `${JSON.stringify(drilled, null, 2)}\n`)
}

function textOf(name: string, { lines, overall, falseAlarms, batches, trials }: Scorecard): string {
  const bad = lines.filter(({ dimension }) => dimension !== null)
  const benign = lines.filter(({ dimension }) => dimension === null)
  return [
    pc.bold(
      `${name}: would catch ${proportion(overall)} of ${trials} faults tried on ${batches} batches; ${proportion(falseAlarms)} false alarms`,
    ),
    '',
    pc.dim('weak spots first: caught (95 % interval), fault, share of the rows'),
    ...bad.slice(0, SHOWN).map(lineOf),
    ...(bad.length > SHOWN ? [pc.dim(`… ${bad.length - SHOWN} more in the report`)] : []),
    '',
    pc.dim('benign changes that must not alarm'),
    ...benign.map(lineOf),
  ].join('\n')
}

const lineOf = ({ corruption, fraction, caught }: ScorecardLine): string =>
  `  ${proportion(caught).padEnd(20)} ${corruption.padEnd(26)} ${percent(fraction)} %`

const percent = (share: number): string => (share * 100).toFixed(share < 0.01 ? 1 : 0)

/** A rate with its interval: `97 % (94–99)`. */
const proportion = ({ rate, low, high, trials }: Proportion): string =>
  trials === 0 ? 'not tried' : `${percent(rate)} % (${percent(low)}–${percent(high)})`
