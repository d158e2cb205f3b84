import { readFile } from 'node:fs/promises'
import path from 'node:path'
import pc from 'picocolors'
import { FiableError } from '../data/errors.ts'
import { cancelRun, isOrphaned } from '../pipelines/cancel-run.ts'
import { logFile } from '../pipelines/execute-task.ts'
import { type ExecutionRecord, listExecutions } from '../tracking/executions.ts'
import { findRun, listRuns, type RunSummary } from '../tracking/runs.ts'
import { duration } from './progress.ts'
import { numberOf, type Place, type PlaceFlags, withPlace } from './runner.ts'
import { say, withStore } from './with-store.ts'

interface Flags {
  readonly store: string
  readonly format?: 'text' | 'json'
}

/** `fiable runs`. */
export const list = (flags: Flags & { readonly limit: string }): Promise<void> =>
  withStore(flags, async ({ db }) => {
    const runs = await listRuns(db, { limit: numberOf(flags.limit, '--limit') })
    if (flags.format === 'json') say(JSON.stringify(runs))
    else say(runs.length === 0 ? 'no runs yet' : runs.map(lineOfRun).join('\n'))
  })

const lineOfRun = ({ id, pipeline, state, owner, createdMs, endedMs, error }: RunSummary): string =>
  [
    String(id).padStart(5),
    stateText(state),
    pipeline.padEnd(20),
    new Date(createdMs).toISOString().slice(0, 19).replace('T', ' '),
    endedMs === null ? '' : duration(endedMs - createdMs),
    pc.dim(isOrphaned({ state, owner }) ? `its runner is gone: fiable runs retry ${id}` : (error ?? '')),
  ].join('  ')

const COLOURS: Readonly<Record<string, (text: string) => string>> = {
  COMPLETE: pc.green,
  FAIL: pc.red,
  ABORT: pc.yellow,
}
const stateText = (state: string): string => (COLOURS[state] ?? pc.cyan)(state.padEnd(8))

/** `fiable runs show`. */
export const show = (id: string, flags: Flags): Promise<void> =>
  withStore(flags, async ({ db }) => {
    const { graph: _, ...run } = await findRun(db, numberOf(id, 'The run'))
    const executions = await listExecutions(db, run.id)
    if (flags.format === 'json') return say(JSON.stringify({ ...run, executions }))
    const parameters = Object.entries(run.parameters).map(
      ([name, value]) => `  ${name} = ${JSON.stringify(value)}`,
    )
    say([lineOfRun(run), ...parameters, '', ...executions.map(lineOfExecution)].join('\n'))
  })

function lineOfExecution(execution: ExecutionRecord): string {
  const { path: where, attempt, state, startedMs, endedMs, error, cachedFrom, outputs } = execution
  const took = startedMs !== null && endedMs !== null ? duration(endedMs - startedMs) : ''
  const files = Object.entries(outputs?.artifacts ?? {}).map(
    ([key, { digest }]) => `${key} ${digest.slice(0, 12)}`,
  )
  const notes = [
    attempt > 1 ? `attempt ${attempt}` : '',
    cachedFrom ? 'as before' : took,
    ...files,
    error ?? '',
  ]
  return `${stateText(state)}  ${where.padEnd(30)}  ${pc.dim(notes.filter(Boolean).join(' · '))}`
}

/** `fiable runs logs`: of ended steps from the store, of running ones from where they write. */
export const logs = (id: string, step: string | undefined, flags: PlaceFlags): Promise<void> =>
  withPlace(flags, async ({ store, objects }) => {
    const run = await findRun(store.db, numberOf(id, 'The run'))
    const all = await listExecutions(store.db, run.id)
    const wanted = all.filter(({ path: where }) => step === undefined || where === step)
    if (wanted.length === 0)
      throw new FiableError(
        'NOT_FOUND',
        `The run ${id} has no step ${step ?? ''}.`,
        `See \`fiable runs show ${id}\`.`,
      )
    for (const execution of wanted) {
      const text = await logOf({ store, objects }, execution)
      if (text)
        say(`${pc.bold(`${execution.path} ${pc.dim(`attempt ${execution.attempt}`)}`)}\n${text.trimEnd()}`)
    }
  })

async function logOf(
  { store, objects }: Pick<Place, 'store' | 'objects'>,
  { id, runId, logDigest, state }: ExecutionRecord,
): Promise<string> {
  if (logDigest) return readFile(await objects.pathOf(logDigest), 'utf8')
  if (state !== 'RUNNING') return ''
  const folder = path.join(store.folder, 'runs', String(runId), String(id))
  return readFile(logFile(folder), 'utf8').catch(() => '')
}

/** `fiable runs cancel`. */
export const cancel = (id: string, flags: Flags): Promise<void> =>
  withStore(flags, async (store) => {
    const run = numberOf(id, 'The run')
    say(`run ${run} ${CANCELLED[await cancelRun(store, run, Date.now())]}`)
  })

const CANCELLED = {
  asked: 'will be cancelled by its runner',
  cancelled: 'is cancelled; its runner was gone',
  ended: 'had already ended',
} as const
