import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { type ErrorCode, FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import {
  completeFromCache,
  type ExecutionOutputs,
  type ExecutionRecord,
  findCached,
  listExecutions,
  startExecution,
} from '../tracking/executions.ts'
import type { Objects } from '../tracking/objects.ts'
import { abortOpen, beat, endRun, type RunClaim, type RunRecord } from '../tracking/runs.ts'
import type { Store } from '../tracking/store.ts'
import type { ArtifactType } from './artifact.ts'
import { cacheKey } from './cache-key.ts'
import { CODE_VERSION } from './code-version.ts'
import type { Component } from './component.ts'
import type { ComponentBook } from './component-book.ts'
import type { Graph } from './graph.ts'
import { completeParameters, type Parameter } from './parameter.ts'
import { patiently } from './patiently.ts'
import {
  type Plan,
  planTasks,
  type Task,
  type TaskOutputs,
  type TaskResult,
  type Value,
} from './plan-tasks.ts'
import type { JobEnd, TaskExecutor } from './task-executor.ts'

/** What happens in a run, as it happens. */
export interface RunEvent {
  readonly path: string
  readonly state: 'RUNNING' | 'COMPLETE' | 'CACHED' | 'RETRY' | 'FAIL' | 'ABORT'
  readonly attempt: number
  readonly error: string | null
  /** Steps that have ended, and those known so far. */
  readonly done: number
  readonly known: number
}

export interface DriveOptions {
  readonly store: Store
  readonly objects: Objects
  readonly executor: TaskExecutor
  readonly book: ComponentBook
  readonly now: () => number
  /** Whether earlier results may stand in; true by default. */
  readonly useCache?: boolean
  readonly onEvent?: (event: RunEvent) => void
  /** Cancels the run. */
  readonly signal?: AbortSignal
}

/** How a run ended. */
export interface RunResult {
  readonly runId: number
  readonly state: 'COMPLETE' | 'FAIL' | 'ABORT'
  readonly error: string | null
  readonly outputs: Readonly<Record<string, Value>>
}

/** Time between two signs of life of a runner. */
export const BEAT_MS = 1000
/** A step whose process dies is not at fault for sure: it is started again this often, beside its own retries. */
const CRASH_RETRIES = 3

/** A run being driven. */
interface Drive {
  readonly options: DriveOptions
  readonly run: RunRecord
  readonly graph: Graph
  readonly claim: RunClaim
  readonly results: Map<string, TaskResult>
  /** Attempts that another process goes on with. */
  readonly inherited: Map<string, ExecutionRecord>
  readonly running: Set<string>
  readonly stop: AbortController
  known: number
  /** Set when the run was taken over, or the store fails: nothing more is written. */
  broken: unknown
  wake: () => void
}

/**
 * Drives a claimed run to its end: starts what is ready, until nothing is.
 *
 * Killed at any moment, it leaves a state from which another runner goes on: what was recorded complete is not done again.
 *
 * @throws FiableError CONFLICT when another runner takes the run over; what the store refuses.
 */
export async function driveRun(run: RunRecord, claim: RunClaim, options: DriveOptions): Promise<RunResult> {
  const drive = await startDrive(run, claim, options)
  const beating = setInterval(() => void live(drive), BEAT_MS)
  const cancel = (): void => drive.stop.abort(cancelled())
  options.signal?.addEventListener('abort', cancel)
  if (options.signal?.aborted) cancel()
  try {
    const plan = await untilDone(drive)
    return await finish(drive, plan)
  } finally {
    clearInterval(beating)
    options.signal?.removeEventListener('abort', cancel)
  }
}

const cancelled = (): FiableError =>
  new FiableError(
    'CANCELLED',
    'The run was cancelled.',
    'Retry it with `fiable runs retry`: what is complete is kept.',
  )

async function startDrive(run: RunRecord, claim: RunClaim, options: DriveOptions): Promise<Drive> {
  const executions = await listExecutions(options.store.db, run.id)
  const open = executions.filter(({ state }) => state === 'START' || state === 'RUNNING')
  const inherited = new Map(
    open.filter(options.executor.isAlive).map((execution) => [execution.path, execution]),
  )
  if (open.length > inherited.size)
    await abortOpen(options.store.db, run.id, {
      why: 'Its runner ended before it did.',
      nowMs: options.now(),
    })
  return {
    options,
    run,
    graph: run.graph as unknown as Graph,
    claim,
    results: new Map(executions.flatMap(resultOf)),
    inherited,
    running: new Set(),
    stop: new AbortController(),
    known: 0,
    broken: null,
    wake: () => {},
  }
}

const resultOf = ({ path, state, outputs }: ExecutionRecord): [string, TaskResult][] =>
  state === 'COMPLETE' && outputs ? [[path, { state, outputs: outputsOf(outputs) }]] : []

const outputsOf = ({ parameters, artifacts }: ExecutionOutputs): TaskOutputs => ({
  parameters,
  artifacts: Object.fromEntries(
    Object.entries(artifacts).map(([key, artifact]) => [
      key,
      { ...artifact, type: artifact.type as ArtifactType },
    ]),
  ),
})

/** Says that the runner lives, and hears of a cancellation; a lost claim or store breaks the drive off. */
async function live(drive: Drive): Promise<void> {
  try {
    const { isCancelRequested } = await beat(drive.options.store.db, drive.claim)
    if (isCancelRequested) drive.stop.abort(cancelled())
  } catch (thrown) {
    if (thrown instanceof FiableError && PASSING.has(thrown.code)) return
    breakOff(drive, thrown)
  }
}

/** Failures of the store after which the next sign of life may succeed. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['DATABASE_UNREACHABLE', 'STORE_BUSY'])

function breakOff(drive: Drive, thrown: unknown): void {
  drive.broken ??= thrown
  drive.stop.abort(cancelled())
  drive.wake()
}

async function untilDone(drive: Drive): Promise<Plan> {
  for (;;) {
    const plan = planTasks(drive.graph, drive.run.parameters, drive.results)
    drive.known = plan.known
    const woken = new Promise<void>((resolve) => {
      drive.wake = resolve
    })
    if (!drive.stop.signal.aborted) startReady(drive, plan)
    if (drive.running.size === 0) {
      if (drive.broken) throw drive.broken
      return plan
    }
    await woken
  }
}

function startReady(drive: Drive, { ready }: Plan): void {
  for (const task of ready) {
    if (drive.running.size >= drive.options.executor.parallel) return
    if (drive.running.has(task.path)) continue
    drive.running.add(task.path)
    void perform(drive, task)
      .then((result) => drive.results.set(task.path, result))
      .catch((thrown: unknown) => breakOff(drive, thrown))
      .finally(() => {
        drive.running.delete(task.path)
        drive.wake()
      })
  }
}

/** Runs a task to its end, from the cache if it can be, and again as often as allowed. */
async function perform(drive: Drive, planned: Task): Promise<TaskResult> {
  const component = drive.options.book.find(planned.component, planned.version)
  if (!component) return { state: 'FAIL', error: unknownComponent(planned) }
  const prepared = prepare(component, planned)
  if ('error' in prepared) return { state: 'FAIL', error: prepared.error }
  const cached = await fromCache(drive, component, prepared.task)
  if (cached) return cached
  for (let failures = 0, crashes = 0; ; ) {
    const end = await attempt(drive, component, prepared.task)
    if (end.state === 'COMPLETE') return { state: 'COMPLETE', outputs: outputsOf(end.outputs) }
    if (end.code === 'CRASHED') crashes++
    else failures++
    const isOver = failures > component.retries.limit || crashes > CRASH_RETRIES || FINAL.has(end.code)
    if (isOver || drive.stop.signal.aborted) return { state: end.state, error: end.error }
    const wait = component.retries.backoffMs * 2 ** (failures + crashes - 1)
    tell(drive, { path: prepared.task.path, state: 'RETRY', attempt: failures + crashes, error: end.error })
    await pause(wait, undefined, { signal: drive.stop.signal }).catch(() => {})
  }
}

/** What another attempt would not change. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'BAD_ARGUMENT',
  'BAD_CONFIG',
  'CANCELLED',
  'CONFLICT',
  'STORE_CORRUPT',
])

const unknownComponent = ({ path, component, version }: Task): string =>
  `${path}: the component ${component}@${version} is not known to this runner; it was when the run began.`

/** The task with the defaults filled in, and an empty list of no files where a list of values is asked for. */
function prepare(component: Component, task: Task): { readonly task: Task } | { readonly error: string } {
  const declared = Object.entries(component.inputs)
  const given: Record<string, Json> = { ...task.parameters }
  const artifacts = { ...task.artifacts }
  for (const [name, port] of declared) {
    if (port.kind === 'parameter' && artifacts[name]?.length === 0) {
      given[name] = []
      delete artifacts[name]
    }
  }
  const ports = declared.flatMap(([name, port]): [string, Parameter][] =>
    port.kind === 'parameter' ? [[name, port]] : [],
  )
  try {
    const parameters = completeParameters(task.path, Object.fromEntries(ports), given)
    return { task: { ...task, parameters, artifacts } }
  } catch (thrown) {
    if (thrown instanceof FiableError) return { error: thrown.message }
    throw thrown
  }
}

async function fromCache(drive: Drive, component: Component, task: Task): Promise<TaskResult | null> {
  const { store, objects, useCache = true, now } = drive.options
  if (!component.cache || !useCache) return null
  const earlier = await patiently(() => findCached(store.db, drive.run.projectId, cacheKey(task)))
  if (!earlier?.outputs) return null
  const digests = Object.values(earlier.outputs.artifacts).map(({ digest }) => digest)
  const kept = await Promise.all(digests.map((digest) => objects.has(digest)))
  if (kept.includes(false)) return null
  const { id } = await patiently(() =>
    startExecution(store.db, drive.claim, newExecution(drive, component, task)),
  )
  await patiently(() => completeFromCache(store.db, id, { earlier, nowMs: now() }))
  tell(drive, { path: task.path, state: 'CACHED', attempt: 1, error: null })
  return { state: 'COMPLETE', outputs: outputsOf(earlier.outputs) }
}

const newExecution = ({ options }: Drive, component: Component, task: Task) => ({
  path: task.path,
  component: task.component,
  version: task.version,
  codeVersion: CODE_VERSION,
  host: hostname(),
  parameters: task.parameters,
  inputs: Object.fromEntries(
    Object.entries(task.artifacts).map(([key, files]) => [key, files.map(({ id }) => id)]),
  ),
  cacheKey: component.cache ? cacheKey(task) : null,
  nowMs: options.now(),
})

async function attempt(drive: Drive, component: Component, task: Task): Promise<JobEnd> {
  const { executor, store } = drive.options
  const inherited = drive.inherited.get(task.path)
  drive.inherited.delete(task.path)
  const started =
    inherited ??
    (await patiently(() => startExecution(store.db, drive.claim, newExecution(drive, component, task))))
  tell(drive, { path: task.path, state: 'RUNNING', attempt: started.attempt, error: null })
  const epoch = inherited?.epoch ?? 0
  const job = {
    executionId: started.id,
    epoch,
    runId: drive.run.id,
    projectId: drive.run.projectId,
    task,
    component,
  }
  const end = await executor.execute(job, drive.stop.signal)
  const error = end.state === 'COMPLETE' ? null : end.error
  tell(drive, { path: task.path, state: end.state, attempt: started.attempt, error })
  return end
}

function tell({ options, results, known }: Drive, event: Omit<RunEvent, 'done' | 'known'>): void {
  const isEnd = event.state !== 'RUNNING' && event.state !== 'RETRY'
  options.onEvent?.({ ...event, done: results.size + (isEnd ? 1 : 0), known })
}

async function finish(drive: Drive, plan: Plan): Promise<RunResult> {
  const isCancelled = drive.stop.signal.aborted
  const failure = [...drive.results.values()].find((result) => result.state !== 'COMPLETE')
  const why = failure && 'error' in failure ? failure.error : 'A list or a condition could not be read.'
  const state = isCancelled ? 'ABORT' : plan.state === 'COMPLETE' ? 'COMPLETE' : 'FAIL'
  const error = state === 'COMPLETE' ? null : isCancelled ? 'The run was cancelled.' : why
  await patiently(() =>
    endRun(drive.options.store.db, drive.claim, { state, error, nowMs: drive.options.now() }),
  )
  return { runId: drive.run.id, state, error, outputs: plan.outputs }
}
