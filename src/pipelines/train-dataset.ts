import { type ErrorCode, FiableError } from '../data/errors.ts'
import type { GivenSettings } from '../data/params.ts'
import { settingsOf } from '../data/params.ts'
import { autoencoder } from '../detectors/rows/autoencoder.ts'
import { chosenMembers } from '../detectors/rows/chosen-members.ts'
import { runsOf } from '../detectors/rows/train-network.ts'
import { normalBatches } from '../row-models/prepare-rows.ts'
import { listExecutions } from '../tracking/executions.ts'
import { CHAMPION, type RegisteredVersion, versionOf } from '../tracking/registry.ts'
import { findRun, listRuns } from '../tracking/runs.ts'
import type { DriveOptions, RunResult } from './drive-run.ts'
import type { Graph } from './graph.ts'
import { completeParameters } from './parameter.ts'
import { resumeRun, runPipeline } from './run-pipeline.ts'
import { trainingPipeline } from './train-pipeline.ts'

/** What a row model is trained with. */
export interface TrainingRequest {
  /** Members wanted; all when left out. */
  readonly members?: readonly string[]
  /** Settings by member. */
  readonly settings?: Readonly<Record<string, GivenSettings>>
  readonly seed?: string
  /** Name of the model; DATASET-rows when left out. */
  readonly name?: string
  readonly description?: string
  readonly owner?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Shards of forest and autoencoder, 1–100, 1 by default. */
  readonly shards?: number
}

export interface TrainOptions extends DriveOptions {
  /** Where the steps find the store: as the runner was given it. */
  readonly place: { readonly store: string; readonly artifacts?: string }
  /** Told the number of the run, and whether it goes on with an earlier one. */
  readonly onRun?: (runId: number, isResumed: boolean) => void
}

/** A model as its training left it. */
export interface Training {
  readonly runId: number
  readonly version: RegisteredVersion
  /** Whether it is the champion now. */
  readonly isChampion: boolean
}

/**
 * Trains a row model on the batches of a dataset held for normal, by the standard training pipeline.
 *
 * The same request on the same batches goes on with a run of it that did not end well: what is complete is not done again.
 *
 * @throws FiableError BAD_ARGUMENT for members or settings unknown or out of range, TOO_FEW_BATCHES when no batch is held
 *   for normal, both before anything runs; CONFLICT while another process runs the same; what a step fails with.
 */
export async function trainDataset(
  dataset: { readonly id: number; readonly name: string },
  request: TrainingRequest,
  options: TrainOptions,
): Promise<Training> {
  const batches = await normalBatches(options.store, dataset)
  const graph = graphFor(request)
  const parameters = completeParameters('The training', graph.parameters, {
    ...options.place,
    dataset: dataset.name,
    upTo: batches.at(-1)!.slot,
    ...given(request),
  })
  const earlier = await unfinishedRun(options, graph, parameters)
  const { onRun, ...drive } = options
  if (earlier !== null) onRun?.(earlier, true)
  const result =
    earlier === null
      ? await runPipeline(graph, { ...drive, parameters, onRun: (id) => onRun?.(id, false) })
      : await resumeRun(earlier, drive)
  if (result.state !== 'COMPLETE') throw await failure(options, result)
  const name = request.name ?? `${dataset.name}-rows`
  const version = await versionOf(options.store.db, name, String(parameterOf(result, 'version')))
  return { runId: result.runId, version, isChampion: version.aliases.includes(CHAMPION) }
}

/** Steps of training between two points that a killed run goes on from. */
const STEPS_PER_ROUND = 1000
/** Rounds between two averages are short: what shards learn apart is lost in part. */
const STEPS_PER_AVERAGE = 200
const MOST_ROUNDS = 200

function graphFor({ members, settings = {}, shards = 1 }: TrainingRequest): Graph {
  if (!(Number.isSafeInteger(shards) && shards >= 1 && shards <= 100))
    throw new FiableError(
      'BAD_ARGUMENT',
      `A training was given ${shards} shards; there must be from 1 to 100.`,
      'Give a number of shards, such as 3.',
    )
  const choice = { settings, ...(members ? { members } : {}) }
  chosenMembers(choice)
  const { steps } = settingsOf(autoencoder.name, autoencoder.params, settings[autoencoder.name] ?? {})
  const perRound = shards === 1 ? STEPS_PER_ROUND : STEPS_PER_AVERAGE
  const rounds = Math.min(MOST_ROUNDS, runsOf(steps), Math.ceil(steps / perRound))
  const { graph } = trainingPipeline({
    ...{ name: 'train', about: 'Trains a row model, tests it, and registers it.', shards, rounds },
    ...(members ? { members } : {}),
  })
  return graph
}

const given = ({ settings = {}, seed, name, description, owner, labels }: TrainingRequest) => ({
  settings,
  ...(seed === undefined ? {} : { seed }),
  ...(name === undefined ? {} : { model: name }),
  ...(description === undefined ? {} : { description }),
  ...(owner === undefined ? {} : { owner }),
  ...(labels === undefined ? {} : { labels }),
})

/** Runs looked at for one to go on with. */
const LOOKED_AT = 20

/** The newest run of the same training, when it did not end well. */
async function unfinishedRun(
  { store: { db } }: TrainOptions,
  graph: Graph,
  parameters: object,
): Promise<number | null> {
  const wanted = JSON.stringify([graph, parameters])
  for (const { id } of await listRuns(db, { pipeline: graph.name, limit: LOOKED_AT })) {
    const run = await findRun(db, id)
    if (JSON.stringify([run.graph, run.parameters]) === wanted) return run.state === 'COMPLETE' ? null : id
  }
  return null
}

const parameterOf = ({ outputs }: RunResult, name: string): unknown => {
  const output = outputs[name]
  return output?.kind === 'parameter' ? output.value : null
}

/** What the step that failed threw, as far as it was recorded. */
async function failure(
  { store: { db } }: TrainOptions,
  { runId, state, error }: RunResult,
): Promise<FiableError> {
  const failed = (await listExecutions(db, runId)).findLast((execution) => execution.state === 'FAIL')
  const code = (failed?.resources as { readonly errorCode?: ErrorCode } | null)?.errorCode
  return new FiableError(
    state === 'ABORT' ? 'CANCELLED' : (code ?? 'INTERNAL'),
    error ?? 'The training failed.',
    `See \`fiable runs logs ${runId}\`; the same command goes on with what is complete.`,
  )
}
