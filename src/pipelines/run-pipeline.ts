import { setTimeout as pause } from 'node:timers/promises'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import { DEFAULT_PROJECT, projectNamed } from '../tracking/projects.ts'
import { claimRun, createRun, findRun, type RunClaim, type RunRecord } from '../tracking/runs.ts'
import { checkGraph } from './check-graph.ts'
import { BEAT_MS, type DriveOptions, driveRun, type RunResult } from './drive-run.ts'
import type { Graph } from './graph.ts'
import { isDead, ownerName } from './owner.ts'
import { completeParameters } from './parameter.ts'

export interface RunOptions extends DriveOptions {
  readonly parameters?: Readonly<Record<string, Json>>
  /** Project the run belongs to; `default` by default. */
  readonly project?: string
  /** Told the number of the run as soon as it is this process's own. */
  readonly onRun?: (runId: number) => void
}

/**
 * Checks a pipeline, stores a run of it, and drives it to its end.
 *
 * @throws FiableError BAD_CONFIG when the pipeline cannot run, BAD_ARGUMENT when its parameters do not fit, before anything
 * is stored; CONFLICT when another runner takes the run over.
 */
export async function runPipeline(graph: Graph, options: RunOptions): Promise<RunResult> {
  checkGraph(graph, options.book)
  const parameters = completeParameters(
    `The pipeline ${graph.name}`,
    graph.parameters,
    options.parameters ?? {},
  )
  const nowMs = options.now()
  const project = await projectNamed(options.store.db, options.project ?? DEFAULT_PROJECT, nowMs)
  const run = await createRun(options.store.db, {
    projectId: project.id,
    pipeline: graph.name,
    parameters,
    graph: graph as unknown as Json,
    nowMs,
  })
  const claim = await claimRun(options.store.db, run, ownerName())
  options.onRun?.(run.id)
  return drive(run, claim, options)
}

/** Runs driven by this process, which the name of an owner does not tell apart. */
const driven = new Set<number>()

async function drive(run: RunRecord, claim: RunClaim, options: DriveOptions): Promise<RunResult> {
  driven.add(run.id)
  try {
    return await driveRun(run, claim, options)
  } finally {
    driven.delete(run.id)
  }
}

/**
 * Goes on with a run that failed, was cancelled, or lost its runner: what is complete is not done again.
 *
 * @throws FiableError NOT_FOUND; CONFLICT when the run is complete or its runner lives; NOT_FOUND when a component of the
 * version it was begun with is no longer known.
 */
export async function resumeRun(
  runId: number,
  { onRun, ...options }: DriveOptions & Pick<RunOptions, 'onRun'>,
): Promise<RunResult> {
  const run = await findRun(options.store.db, runId)
  if (run.state === 'COMPLETE')
    throw new FiableError(
      'CONFLICT',
      `The run ${runId} is complete.`,
      `Run it anew with \`fiable run ${run.pipeline}\`.`,
    )
  checkGraph(run.graph as unknown as Graph, options.book)
  const claim = await takeOver(run, options)
  onRun?.(runId)
  return drive(run, claim, options)
}

/** Signs of life that may be missed before an owner on another machine is held for dead. */
const MISSED_BEATS = 8

/** Takes a run whose owner is dead: a process of this machine that is gone, or one that gave no sign for a while. */
async function takeOver(run: RunRecord, { store }: DriveOptions): Promise<RunClaim> {
  const { owner } = run
  if (driven.has(run.id)) throw livingOwner(run)
  if (owner === null || owner === ownerName() || isDead(owner)) return claimRun(store.db, run, ownerName())
  for (let missed = 0; missed < MISSED_BEATS; missed++) {
    await pause(BEAT_MS)
    const now = await findRun(store.db, run.id)
    if (now.owner === null || isDead(now.owner ?? '')) return claimRun(store.db, now, ownerName())
    if (now.beats !== run.beats) throw livingOwner(run)
  }
  return claimRun(store.db, run, ownerName())
}

const livingOwner = ({ id, owner }: RunRecord): FiableError =>
  new FiableError(
    'CONFLICT',
    `The run ${id} is being driven by ${owner}.`,
    'Follow it with `fiable runs show`, or cancel it first with `fiable runs cancel`.',
  )
