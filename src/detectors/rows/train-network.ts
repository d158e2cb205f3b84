import { FiableError } from '../../data/errors.ts'
import type { OnProgress } from '../../data/progress.ts'
import { type Random, random, randomInteger } from '../../math/random.ts'
import type { OpenSession, Session } from '../../onnx/session.ts'
import { floats, floatsOf, type Tensor } from '../../onnx/tensor.ts'
import { hiddenPlaces, type Network, startingParameters } from './network.ts'
import { type Descent, FIRST_DECAY, SECOND_DECAY, trainingModel, validationModel } from './training-graph.ts'

/** Rows per step. */
const BATCH = 256
/** Steps that one run of the training graph takes; between runs, training can be looked at, saved and stopped. */
const STEPS_PER_RUN = 200
/** Runs without a better loss on the rows held out after which training ends. */
const PATIENCE = 5
/** An improvement below this share of the loss is none. */
const TOLERANCE = 1e-3
/** Rows held out that the loss is taken on at most. */
const MOST_VALIDATED = 4096

/** Training as it stands after some runs: enough to go on from, on any machine. */
export interface Checkpoint extends Descent {
  readonly runs: number
  readonly best: Float32Array
  readonly bestLoss: number
  /** Runs since the best. */
  readonly idle: number
  /** Loss after each run, on the rows learnt from and on those held out. */
  readonly curve: readonly (readonly [learnt: number, heldOut: number])[]
}

export interface TrainingOptions {
  readonly openSession: OpenSession
  /** Steps at most. */
  readonly steps: number
  /** Highest rate of learning; it falls along a quarter of a cosine. */
  readonly rate: number
  /** Same seed, same network. */
  readonly seed: string
  readonly onProgress?: OnProgress
  /** Told after every run. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>
  /** Where an interrupted training of the same network, rows, steps and seed stood. */
  readonly resume?: Checkpoint | null
  /** Ends between two runs. */
  readonly signal?: AbortSignal
}

/** A trained network. */
export interface Trained {
  readonly parameters: Float32Array
  readonly curve: Checkpoint['curve']
}

/**
 * Trains a network to predict hidden columns, until it predicts those of held-out rows no better.
 *
 * @param rows.learnt - Vectors learnt from. Shape [rows, layout.size].
 * @param rows.heldOut - Vectors held out; at least one.
 * @throws FiableError CANCELLED when the signal asks for it, NOT_CONVERGED when the loss is no number.
 */
export async function trainNetwork(
  network: Network,
  rows: { readonly learnt: Float32Array; readonly heldOut: Float32Array },
  options: TrainingOptions,
): Promise<Trained> {
  const training = await options.openSession(trainingModel(network, BATCH))
  const validation = await options.openSession(validationModel(network))
  try {
    return await descend({ network, rows, training, validation }, options)
  } finally {
    await training.release()
    await validation.release()
  }
}

interface Workshop {
  readonly network: Network
  readonly rows: { readonly learnt: Float32Array; readonly heldOut: Float32Array }
  readonly training: Session
  readonly validation: Session
}

async function descend(workshop: Workshop, options: TrainingOptions): Promise<Trained> {
  const runs = Math.ceil(options.steps / STEPS_PER_RUN)
  let at = options.resume ?? beginning(workshop.network, options.seed)
  while (at.runs < runs && at.idle < PATIENCE) {
    if (options.signal?.aborted) throw cancelled(at.runs)
    options.onProgress?.({ stage: 'training the autoencoder', done: at.runs, total: runs })
    at = await runOnce(workshop, at, options)
    await options.onCheckpoint?.(at)
  }
  return { parameters: at.best, curve: at.curve }
}

function beginning(network: Network, seed: string): Checkpoint {
  const parameters = startingParameters(network, random(`${seed} start`))
  const zeros = (): Float32Array => new Float32Array(network.size)
  return {
    ...{ parameters, mean: zeros(), square: zeros() },
    ...{ runs: 0, best: parameters, bestLoss: Infinity, idle: 0, curve: [] },
  }
}

async function runOnce(workshop: Workshop, at: Checkpoint, options: TrainingOptions): Promise<Checkpoint> {
  const { network, rows, training } = workshop
  const size = network.layout.size
  const outputs = await training.run({
    parameters: floats(at.parameters),
    mean: floats(at.mean),
    square: floats(at.square),
    vectors: floats(rows.learnt, [rows.learnt.length / size, size]),
    ...slots(network, rows.learnt.length / size, random(`${options.seed} run ${at.runs}`)),
    places: floats(hiddenPlaces(network), [network.patterns, size]),
    columns: floats(network.hidden, [network.patterns, network.columns]),
    rates: floats(ratesOf(at.runs, options)),
  })
  const parameters = floatsOf(outputs.nextParameters)
  const learnt = floatsOf(outputs.loss)[0]!
  const heldOut = await validate(workshop, parameters)
  if (!Number.isFinite(heldOut)) throw notConverged(options.rate)
  const isBetter = heldOut < at.bestLoss * (1 - TOLERANCE)
  return {
    parameters,
    mean: floatsOf(outputs.nextMean),
    square: floatsOf(outputs.nextSquare),
    runs: at.runs + 1,
    best: isBetter ? parameters : at.best,
    bestLoss: isBetter ? heldOut : at.bestLoss,
    idle: isBetter ? 0 : at.idle + 1,
    curve: [...at.curve, [learnt, heldOut]],
  }
}

/** Which row, hidden by which pattern, stands at each place of each batch: drawn with replacement. */
function slots({ patterns }: Network, rows: number, draw: Random): { order: Tensor; chosen: Tensor } {
  const count = STEPS_PER_RUN * BATCH
  const drawn = (below: number): Tensor => ({
    type: 'int32',
    dims: [count],
    data: Int32Array.from({ length: count }, () => randomInteger(draw, 0, below)),
  })
  return { order: drawn(rows), chosen: drawn(patterns) }
}

/** Rates of the steps of a run: a falling cosine, times Adam's correction for means that began at 0. */
function ratesOf(runs: number, { rate, steps }: Pick<TrainingOptions, 'rate' | 'steps'>): Float32Array {
  return Float32Array.from({ length: STEPS_PER_RUN }, (_, i) => {
    const step = runs * STEPS_PER_RUN + i
    const falling = rate * Math.cos((Math.PI / 2) * Math.min(1, step / Math.max(steps, 1)))
    return (falling * Math.sqrt(1 - SECOND_DECAY ** (step + 1))) / (1 - FIRST_DECAY ** (step + 1))
  })
}

/** Mean loss of the held-out rows, each under one pattern in turn. */
async function validate({ network, rows, validation }: Workshop, parameters: Float32Array): Promise<number> {
  const { layout, columns, patterns, hidden } = network
  const count = Math.min(MOST_VALIDATED, rows.heldOut.length / layout.size)
  const everyPlace = hiddenPlaces(network)
  const places = new Float32Array(count * layout.size)
  const masks = new Float32Array(count * columns)
  for (let row = 0; row < count; row++) {
    const p = row % patterns
    places.set(everyPlace.subarray(p * layout.size, (p + 1) * layout.size), row * layout.size)
    masks.set(hidden.subarray(p * columns, (p + 1) * columns), row * columns)
  }
  const { loss } = await validation.run({
    parameters: floats(parameters),
    vectors: floats(rows.heldOut.subarray(0, count * layout.size), [count, layout.size]),
    places: floats(places, [count, layout.size]),
    columns: floats(masks, [count, columns]),
  })
  return floatsOf(loss)[0]!
}

const cancelled = (runs: number) =>
  new FiableError(
    'CANCELLED',
    `Training was stopped after ${runs * STEPS_PER_RUN} steps.`,
    'Start it again: it goes on from the last checkpoint.',
  )

const notConverged = (rate: number) =>
  new FiableError(
    'NOT_CONVERGED',
    `The autoencoder's loss became infinite at the learning rate ${rate}.`,
    'Lower the learning rate, for instance by half.',
  )
