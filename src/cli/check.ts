import { writeFile } from 'node:fs/promises'
import { FiableError, messageOf } from '../data/errors.ts'
import type { Verdict } from '../data/verdict.ts'
import { type Dataset, open } from '../monitor/project.ts'
import { EXIT, failureOf } from './exit.ts'
import { type Format, formatVerdicts } from './formats/index.ts'
import { leanHeap } from './lean-heap.ts'
import { plan } from './plan.ts'
import { type ProgressBar, progressBar } from './progress.ts'
import { declaredDatasets, type SourceOptions } from './project-datasets.ts'

export interface CheckFlags extends SourceOptions {
  readonly all?: boolean
  readonly plan?: boolean
  readonly format: Format
  readonly output?: string
}

/** `fiable check`: judges, prints, and sets the exit code. */
export async function check(data: readonly string[], flags: CheckFlags): Promise<void> {
  leanHeap()
  const project = await open({ store: flags.store })
  const bar = progressBar()
  try {
    const datasets = await declaredDatasets(project, data, flags)
    if (flags.plan) return tellFailures(await plan(datasets))
    const { shown, failures } = await checkAll(datasets, flags, bar)
    bar.clear()
    if (shown.length > 0 || failures.length === 0) await print(shown, flags)
    process.exitCode = exitCodeOf(shown)
    tellFailures(failures)
  } finally {
    bar.clear()
    await project.close()
  }
}

/** Every dataset is judged: what is wrong with one does not silence the others. */
async function checkAll(
  datasets: readonly Dataset[],
  { all }: Pick<CheckFlags, 'all'>,
  bar: ProgressBar,
): Promise<{ readonly shown: readonly Verdict[]; readonly failures: readonly string[] }> {
  const shown: Verdict[] = []
  const failures: string[] = []
  for (const dataset of datasets)
    try {
      dataset.notices.forEach(notice(bar))
      const verdicts = await dataset.check({ onProgress: bar.update, onNotice: notice(bar) })
      shown.push(...(all ? verdicts : verdicts.slice(-1)))
    } catch (thrown) {
      failures.push(failureOf(dataset, datasets, thrown))
    }
  return { shown, failures }
}

function tellFailures(failures: readonly string[]): void {
  for (const failure of failures) process.stderr.write(`${failure}\n`)
  if (failures.length > 0) process.exitCode = EXIT.cannotJudge
}

/** What was decided on the user's behalf is said, on the error stream. */
const notice =
  (bar: ProgressBar) =>
  (text: string): void => {
    bar.clear()
    process.stderr.write(`note: ${text}\n`)
  }

async function print(verdicts: readonly Verdict[], { format, output }: CheckFlags): Promise<void> {
  const text = await formatVerdicts(verdicts, format)
  if (output) await writeTo(output, text)
  else process.stdout.write(text)
}

async function writeTo(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new FiableError(
      'NOT_READABLE',
      `${file} cannot be written: ${messageOf(cause)}.`,
      'Check that its folder exists and may be written to; the verdicts are stored, so run again.',
      { cause },
    )
  })
}

/** An alert wins over "cannot judge", which wins over ok. */
export function exitCodeOf(verdicts: readonly Verdict[]): number {
  if (verdicts.some((verdict) => verdict.status === 'alert')) return EXIT.alert
  return verdicts.every((verdict) => verdict.status === 'ok') && verdicts.length > 0
    ? EXIT.ok
    : EXIT.cannotJudge
}
