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
  /** Where an earlier part of this training stopped. */
  readonly resume?: Checkpoint | null
  /** Runs after which this part of the training stops, counted from its beginning; all by default. */
  readonly untilRun?: number
  /** Ends between two runs. */
  readonly signal?: AbortSignal
}

/** Runs of a whole training of so many steps. */
export const runsOf = (steps: number): number => Math.ceil(steps / STEPS_PER_RUN)

/** Whether nothing is left to be done: all runs are made, or held-out rows are predicted no better. */
export const isTrained = ({ runs, idle }: Checkpoint, steps: number): boolean =>
  runs >= runsOf(steps) || idle >= PATIENCE

/**
 * Trains a network to predict hidden columns, until it predicts those of held-out rows no better; or a part of that, from
 * where an earlier part stopped.
 *
 * Parts in a row are the same training as one: what is drawn depends on the run's number only.
 *
 * @param rows.learnt - Vectors learnt from. Shape [rows, layout.size].
 * @param rows.heldOut - Vectors held out; at least one.
 * @throws FiableError CANCELLED when the signal asks for it, NOT_CONVERGED when the loss is no number.
 */
export async function trainNetwork(
  network: Network,
  rows: { readonly learnt: Float32Array; readonly heldOut: Float32Array },
  options: TrainingOptions,
): Promise<Checkpoint> {
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

async function descend(workshop: Workshop, options: TrainingOptions): Promise<Checkpoint> {
  const { steps, untilRun = Infinity } = options
  let at = options.resume ?? beginTraining(workshop.network, options.seed)
  while (at.runs < untilRun && !isTrained(at, steps)) {
    if (options.signal?.aborted) throw cancelled(at.runs)
    options.onProgress?.({ stage: 'training the autoencoder', done: at.runs, total: runsOf(steps) })
    at = await runOnce(workshop, at, options)
    await options.onCheckpoint?.(at)
  }
  return at
}

/** Training before its first run. */
export function beginTraining(network: Network, seed: string): Checkpoint {
  const parameters = startingParameters(network, random(`${seed} start`))
  const zeros = (): Float32Array => new Float32Array(network.size)
  return {
    ...{ parameters, mean: zeros(), square: zeros() },
    ...{ runs: 0, best: parameters, bestLoss: Infinity, idle: 0, curve: [] },
  }
}

async function runOnce(workshop: Workshop, at: Checkpoint, options: TrainingOptions): Promise<Checkpoint> {
  const { network, rows, training, validation } = workshop
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
  const heldOut = await validate({ network, heldOut: rows.heldOut, validation }, parameters)
  if (!Number.isFinite(heldOut)) throw notConverged(options.rate)
  const descent = { parameters, mean: floatsOf(outputs.nextMean), square: floatsOf(outputs.nextSquare) }
  return advanced(at, descent, { runs: at.runs + 1, losses: [floatsOf(outputs.loss)[0]!, heldOut] })
}

/** Training after a descent whose losses are known: the best so far is kept. */
function advanced(
  at: Checkpoint,
  descent: Descent,
  { runs, losses }: { readonly runs: number; readonly losses: Checkpoint['curve'][number] },
): Checkpoint {
  const [, heldOut] = losses
  const isBetter = heldOut < at.bestLoss * (1 - TOLERANCE)
  return {
    ...descent,
    runs,
    best: isBetter ? descent.parameters : at.best,
    bestLoss: isBetter ? heldOut : at.bestLoss,
    idle: isBetter ? 0 : at.idle + 1,
    curve: [...at.curve, losses],
  }
}

/**
 * A round of training on several shards of the rows made one: parameters and both means of Adam averaged, and their loss
 * taken on the rows held out.
 *
 * Averaging Adam's means too lets every shard go on where all of them are; with means of its own, each would first pull
 * back to where it was alone.
 *
 * @param before - Training before the round.
 * @param shards - The same training after the round, as each shard made it; at least one.
 * @throws FiableError NOT_CONVERGED when the loss of the average is no number.
 * @see Stich (2019), Local SGD converges fast and communicates little, ICLR, algorithm 1; for Adam's means, Reddi et al.
 *   (2021), Adaptive federated optimization, ICLR, which keeps them in one place instead.
 */
export async function averageTraining(
  { network, heldOut }: { readonly network: Network; readonly heldOut: Float32Array },
  { before, shards }: { readonly before: Checkpoint; readonly shards: readonly Checkpoint[] },
  openSession: OpenSession,
): Promise<Checkpoint> {
  const descent = {
    parameters: average(shards.map(({ parameters }) => parameters)),
    mean: average(shards.map(({ mean }) => mean)),
    square: average(shards.map(({ square }) => square)),
  }
  const validation = await openSession(validationModel(network))
  try {
    const loss = await validate({ network, heldOut, validation }, descent.parameters)
    if (!Number.isFinite(loss)) throw averageNotConverged(shards.length)
    const learnt = shards.reduce((sum, { curve }) => sum + (curve.at(-1)?.[0] ?? loss), 0) / shards.length
    const runs = Math.max(...shards.map((shard) => shard.runs))
    return advanced(before, descent, { runs, losses: [learnt, loss] })
  } finally {
    await validation.release()
  }
}

/** Element by element. */
function average(vectors: readonly Float32Array[]): Float32Array {
  return Float32Array.from(
    vectors[0]!,
    (_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length,
  )
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

interface Check extends Pick<Workshop, 'network' | 'validation'> {
  readonly heldOut: Float32Array
}

/** Mean loss of the held-out rows, each under one pattern in turn. */
async function validate({ network, heldOut, validation }: Check, parameters: Float32Array): Promise<number> {
  const { layout, columns, patterns, hidden } = network
  const count = Math.min(MOST_VALIDATED, heldOut.length / layout.size)
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
    vectors: floats(heldOut.subarray(0, count * layout.size), [count, layout.size]),
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

const averageNotConverged = (shards: number) =>
  new FiableError(
    'NOT_CONVERGED',
    `The average of ${shards} autoencoders has an infinite loss.`,
    'Lower the learning rate, or train in more and shorter rounds.',
  )
