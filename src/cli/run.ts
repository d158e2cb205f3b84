import pc from 'picocolors'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import type { DriveOptions, RunEvent, RunResult } from '../pipelines/drive-run.ts'
import { findPipeline } from '../pipelines/find-pipeline.ts'
import type { Graph } from '../pipelines/graph.ts'
import { parseParameter } from '../pipelines/parameter.ts'
import { resumeRun, runPipeline } from '../pipelines/run-pipeline.ts'
import { runEvents, sendRunEvents } from '../tracking/openlineage.ts'
import { EXIT } from './exit.ts'
import { progressBar } from './progress.ts'
import { numberOf, type RunnerFlags, withRunner } from './runner.ts'

export interface RunFlags extends RunnerFlags {
  readonly parameter?: readonly string[]
  readonly project: string
  readonly openLineage?: string
}

/** `fiable run`: a pipeline to its end, with what happens on the way. */
export async function run(name: string, flags: RunFlags): Promise<void> {
  const result = await withRunner(flags, async (options) => {
    const graph = await findPipeline(name, options.book)
    const parameters = parametersOf(graph, flags.parameter ?? [])
    const told = await watched(options, (own) =>
      runPipeline(graph, { ...own, parameters, project: flags.project }),
    )
    if (flags.openLineage)
      await sendRunEvents(await runEvents(options.store.db, told.runId), flags.openLineage)
    return told
  })
  print(result, flags)
}

/** `fiable runs retry`. */
export async function retry(id: string, flags: RunnerFlags): Promise<void> {
  const result = await withRunner(flags, (options) =>
    watched(options, (own) => resumeRun(numberOf(id, 'The run'), own)),
  )
  print(result, flags)
}

function parametersOf(graph: Graph, given: readonly string[]): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    given.map((pair) => {
      const [, name = '', text = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
      const parameter = graph.parameters[name]
      if (parameter) return [name, parseParameter(name, parameter, text)]
      throw new FiableError(
        'BAD_ARGUMENT',
        `The pipeline ${graph.name} has no parameter "${name || pair}".`,
        `Give ${Object.keys(graph.parameters).join(', ') || 'none'} as -p name=value.`,
      )
    }),
  )
}

/** Draws progress, and lets Ctrl-C cancel the run rather than leave it. */
export async function watched<T>(
  options: DriveOptions,
  work: (options: DriveOptions) => Promise<T>,
): Promise<T> {
  const bar = progressBar()
  const stop = new AbortController()
  const cancel = (): void => stop.abort()
  process.once('SIGINT', cancel).once('SIGTERM', cancel)
  const onEvent = (event: RunEvent): void => {
    bar.update({ stage: event.path, done: event.done, total: event.known })
    const line = lineOf(event)
    if (!line) return
    bar.clear()
    process.stderr.write(`${line}\n`)
  }
  try {
    return await work({ ...options, onEvent, signal: stop.signal })
  } finally {
    bar.clear()
    process.off('SIGINT', cancel).off('SIGTERM', cancel)
  }
}

const MARKS = {
  COMPLETE: pc.green('✓'),
  CACHED: pc.dim('✓ as before'),
  RETRY: pc.yellow('↻'),
  FAIL: pc.red('✗'),
  ABORT: pc.yellow('–'),
} as const

const lineOf = ({ path, state, error }: RunEvent): string | null =>
  state === 'RUNNING'
    ? null
    : `${MARKS[state]} ${path}${error && state !== 'FAIL' ? pc.dim(` ${error}`) : ''}`

function print({ runId, state, error, outputs }: RunResult, { format }: RunnerFlags): void {
  const values = Object.entries(outputs).map(([name, value]) => [
    name,
    value.kind === 'parameter' ? value.value : value.artifacts.map(({ digest }) => digest),
  ])
  if (format === 'json')
    process.stdout.write(
      `${JSON.stringify({ run: runId, state, error, outputs: Object.fromEntries(values) })}\n`,
    )
  else {
    const lines = values.map(([name, value]) => `  ${String(name)}  ${JSON.stringify(value)}`)
    process.stdout.write(
      `${[pc.bold(`run ${runId} ${state}`), ...(error ? [`  ${error}`] : []), ...lines].join('\n')}\n`,
    )
  }
  if (state !== 'COMPLETE') process.exitCode = EXIT.cannotJudge
}
