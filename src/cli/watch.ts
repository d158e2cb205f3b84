import { setTimeout as pause } from 'node:timers/promises'
import { FiableError } from '../data/errors.ts'
import type { Verdict } from '../data/verdict.ts'
import { canFireDrill, type FirePeriod, fireDrill, isFireDrillDue } from '../evaluation/fire-drill.ts'
import { readFireDrills, storeFireDrill } from '../evaluation/scorecard-files.ts'
import { type Dataset, open } from '../monitor/project.ts'
import { fireText, hasRung } from './drill.ts'
import { describeError, EXIT } from './exit.ts'
import { lineOf } from './formats/text.ts'
import { progressBar } from './progress.ts'
import { declaredDatasets, type SourceOptions } from './project-datasets.ts'

export interface WatchFlags extends SourceOptions {
  readonly format: 'text' | 'json'
  readonly interval: string
  readonly fireDrill?: FirePeriod
}

/** `fiable watch`: judges what is there, then what arrives, until interrupted; a batch that fails is reported and tried again. */
export async function watch(data: readonly string[], flags: WatchFlags): Promise<void> {
  const intervalMs = intervalOf(flags.interval)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const project = await open({ store: flags.store })
  try {
    const datasets = await declaredDatasets(project, data, flags)
    process.stderr.write(
      `watching ${datasets.map((dataset) => dataset.name).join(', ')}, every ${intervalMs / 1000} s; Ctrl-C ends\n`,
    )
    for (const { notices } of datasets)
      for (const notice of notices) process.stderr.write(`note: ${notice}\n`)
    const told = new Map<string, string>()
    while (!stop.signal.aborted) {
      for (const dataset of datasets) {
        await look(dataset, { flags, signal: stop.signal, told })
        await tellLate(dataset, { flags, signal: stop.signal, told })
        await fireWhenDue(dataset, { flags, signal: stop.signal, told })
      }
      await pause(intervalMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  } finally {
    await project.close()
  }
}

/** Proves that the alarm still rings when that is due; one that stays silent is told loudly and ends in exit code 1. */
async function fireWhenDue(dataset: Dataset, { flags, signal, told }: Look): Promise<void> {
  const period = flags.fireDrill ?? dataset.declaration.fireDrill
  if (!period || signal.aborted) return
  try {
    const last = (await readFireDrills(dataset)).at(-1) ?? null
    if (!isFireDrillDue(period, last, Date.now()) || !(await canFireDrill(dataset))) return
    const fire = await fireDrill(dataset, { atMs: Date.now() })
    await storeFireDrill(dataset, fire)
    process.stderr.write(`${fireText(dataset.name, fire)}\n`)
    if (!hasRung(fire)) process.exitCode = EXIT.alert
  } catch (thrown) {
    tellOnce(told, `fire drill of ${dataset.name}`, thrown)
  }
}

function intervalOf(text: string): number {
  const seconds = Number(text)
  if (seconds >= 0.1 && seconds <= 86_400) return seconds * 1000
  throw new FiableError(
    'BAD_ARGUMENT',
    `--interval was ${text}; it must be 0.1 to 86400 seconds.`,
    'Give a number of seconds, such as --interval 5.',
  )
}

interface Look {
  readonly flags: WatchFlags
  readonly signal: AbortSignal
  /** Last error told per dataset: the same one is told once. */
  readonly told: Map<string, string>
}

async function look(dataset: Dataset, { flags, signal, told }: Look): Promise<void> {
  const bar = progressBar()
  const onVerdict = (verdict: Verdict): void => {
    bar.clear()
    process.stdout.write(
      flags.format === 'json' ? `${JSON.stringify(verdict)}\n` : `${dataset.name}  ${lineOf(verdict)}\n`,
    )
  }
  try {
    await dataset.check({ onProgress: bar.update, onVerdict, signal })
    told.delete(dataset.name)
  } catch (thrown) {
    bar.clear()
    tellOnce(told, dataset.name, thrown)
  }
}

/** Says once that the next batch is overdue, given how earlier ones came. */
async function tellLate(dataset: Dataset, { flags, told }: Look): Promise<void> {
  const late = (await dataset.next())?.lateSinceMs ?? null
  const what = `lateness of ${dataset.name}`
  if (late === null) {
    told.delete(what)
    return
  }
  const since = new Date(late).toISOString()
  if (told.get(what) === since) return
  told.set(what, since)
  process.stdout.write(
    flags.format === 'json'
      ? `${JSON.stringify({ dataset: dataset.name, dimension: 'completeness', lateSinceMs: late })}\n`
      : `${dataset.name}  late since ${since.slice(0, 16).replace('T', ' ')} UTC: the next batch did not come  [completeness]\n`,
  )
}

function tellOnce(told: Map<string, string>, what: string, thrown: unknown): void {
  const text = describeError(thrown)
  if (told.get(what) !== text) process.stderr.write(`${text}\n`)
  told.set(what, text)
}
