import { availableParallelism } from 'node:os'
import path from 'node:path'
import { corruptions } from '../corruption/index.ts'
import { selectors as allSelectors, type Selector } from '../corruption/selectors.ts'
import { shapes as allShapes, type Shape } from '../corruption/shapes.ts'
import { FiableError } from '../data/errors.ts'
import type { OnProgress } from '../data/progress.ts'
import type { Dataset } from '../monitor/project.ts'
import { rehearsalVersion } from '../monitor/rehearsal.ts'
import { canBeTried, corruptionNamed, type TrialResult, unitsOf } from './evaluate.ts'
import { planMessage, runTrials } from './run-trials.ts'
import { type Scorecard, scorecardOf } from './scorecard.ts'
import { openTrialLog } from './trial-log.ts'
import type { TrialPlan } from './trial-plan.ts'

/** Batches that must be known before a drill means something. */
export const LEAST_BATCHES = 8

export interface DrillOptions {
  /** Batches spoiled, the newest ones; default 12. */
  readonly batches?: number
  /** Shares of the rows spoiled, each in (0, 1], default 2 %, 10 % and 30 %; or how many to draw from 0.1 % to all. */
  readonly fractions?: readonly number[] | { readonly drawn: number }
  /** Columns per corruption and batch, default 1. */
  readonly columns?: number
  /** Names of the corruptions; all by default. */
  readonly corruptions?: readonly string[]
  /** How rows are chosen, default completely at random. */
  readonly selectors?: readonly Selector[]
  /** How faults develop, default once. */
  readonly shapes?: readonly Shape[]
  /** Batches a fault lasts that does not come once, default 6. */
  readonly duration?: number
  /** Corruptions in one fault, 1–3, default 1. */
  readonly atOnce?: number
  readonly seed?: number | string
  /** Child processes; as many as there are cores by default. */
  readonly children?: number
  /** Longest estimated time that is begun without being asked for, default 10 minutes. */
  readonly mostMs?: number
  readonly onProgress?: OnProgress
  /** Ends the drill when aborted; finished trials are kept. */
  readonly signal?: AbortSignal
}

/** A scorecard with the trials it sums up. */
export interface Drill {
  readonly scorecard: Scorecard
  readonly results: readonly TrialResult[]
}

/** What a drill would do. */
export interface DrillEstimate {
  readonly batches: number
  /** At most; some corruptions fit no column, or change nothing. */
  readonly trials: number
  readonly children: number
  readonly estimatedMs: number
}

/**
 * Spoils shadow copies of the newest batches in every known way and tells what the monitor would have caught.
 *
 * Each batch is judged against the batches before it only. Real history, scores and alert budget are not touched.
 * Batches with a label, or kept out of the baseline, are passed over. Killed at any moment, the next drill with the same
 * options goes on where it was, and gives the same.
 *
 * @throws FiableError TOO_FEW_BATCHES below 9 judged batches; BAD_ARGUMENT when an option is out of range, a fraction
 *   selects no row, or the estimated time is above `mostMs`; CANCELLED when aborted.
 */
export async function drill(dataset: Dataset, options: DrillOptions = {}): Promise<Drill> {
  const { plan, batches } = await planDrill(dataset, options)
  const estimate = await estimateDrill(dataset, options)
  const { mostMs = MOST_MS } = options
  if (estimate.estimatedMs > mostMs) throw tooLong(estimate, mostMs)
  const log = openTrialLog(path.join(dataset.store, 'drills'), [
    dataset.id,
    dataset.declaration,
    batches,
    planMessage(plan),
    rehearsalVersion,
  ])
  const units = await runTrials(plan, unitsOf(plan, batches.filter(canBeTried).length), {
    store: dataset.store,
    dataset: dataset.name,
    children: estimate.children,
    log,
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  })
  log.remove()
  return { scorecard: scorecardOf(units, plan.seed), results: units.flatMap(({ results }) => results) }
}

const MOST_MS = 600_000
/** Of judging one batch on one core of 2020: per trial, and per cell of the sample; a plan, not a promise. */
const MS_PER_TRIAL = 6
const MS_PER_CELL = 8e-4

/** How many trials a drill would make, and about how long it would take. */
export async function estimateDrill(dataset: Dataset, options: DrillOptions = {}): Promise<DrillEstimate> {
  const { plan, batches } = await planDrill(dataset, options)
  const tried = batches.filter(canBeTried).length - plan.from
  const lasting = plan.shapes.filter((shape) => shape !== 'once').length
  const drawn = 'drawn' in plan.fractions ? plan.fractions.drawn : plan.fractions.length
  const perShape = plan.corruptions.reduce(
    (sum, { takes, wholeBatch }) =>
      sum + (takes === 0 ? 1 : plan.columnsPerCorruption) * (wholeBatch ? 1 : drawn),
    0,
  )
  const trials = tried * perShape * (lasting + (plan.shapes.includes('once') ? 1 : 0))
  const cells = Math.max(...batches.map(({ sampleRows, columns }) => sampleRows * columns))
  const children = Math.max(1, Math.min(options.children ?? availableParallelism(), tried))
  const trialMs = MS_PER_TRIAL + MS_PER_CELL * cells
  // Every child goes through the history, at the cost of about two trials a batch.
  return { batches: tried, trials, children, estimatedMs: (trials / children + 2 * batches.length) * trialMs }
}

const tooLong = ({ trials, batches, estimatedMs }: DrillEstimate, mostMs: number): FiableError =>
  new FiableError(
    'BAD_ARGUMENT',
    `The drill would make up to ${trials.toLocaleString('en')} trials on ${batches} batches, about ${minutes(estimatedMs)}; more than ${minutes(mostMs)} is not begun unasked.`,
    'Take fewer batches, fractions, columns or shapes, or pass --long (mostMs).',
  )

const minutes = (ms: number): string =>
  ms < 5_400_000 ? `${Math.ceil(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`

type Batches = Awaited<ReturnType<Dataset['batches']>>

async function planDrill(
  dataset: Dataset,
  options: DrillOptions,
): Promise<{ readonly plan: TrialPlan; readonly batches: Batches }> {
  const all = await dataset.batches()
  const tried = all.filter(canBeTried)
  if (tried.length <= LEAST_BATCHES)
    throw new FiableError(
      'TOO_FEW_BATCHES',
      `${dataset.name} has ${tried.length} judged batches held for normal; a drill needs more than ${LEAST_BATCHES}.`,
      'Let more batches arrive, or check earlier ones first.',
    )
  const plan = planOf(tried.length, options)
  checkOptions(plan, options)
  checkFractions(plan, tried.slice(plan.from))
  return { plan, batches: all }
}

const planOf = (known: number, options: DrillOptions): TrialPlan => ({
  corruptions: options.corruptions?.map(corruptionNamed) ?? corruptions,
  fractions: options.fractions ?? [0.02, 0.1, 0.3],
  columnsPerCorruption: options.columns ?? 1,
  selectors: options.selectors ?? ['random'],
  shapes: options.shapes ?? ['once'],
  duration: options.duration ?? 6,
  atOnce: options.atOnce ?? 1,
  from: Math.max(LEAST_BATCHES, known - (options.batches ?? 12)),
  seed: options.seed ?? 1,
})

function checkOptions(plan: TrialPlan, { batches = 12, children = 1 }: DrillOptions): void {
  const whole = (name: string, value: number, [low, high]: readonly [number, number]): void => {
    if (!Number.isInteger(value) || value < low || value > high)
      throw refused(`${name} was ${value}; it must be a whole number from ${low} to ${high}.`)
  }
  whole('batches', batches, [1, 100_000])
  whole('columns', plan.columnsPerCorruption, [1, 10_000])
  whole('duration', plan.duration, [2, 1000])
  whole('atOnce', plan.atOnce, [1, 3])
  whole('children', children, [1, 256])
  if ('drawn' in plan.fractions) whole('drawn fractions', plan.fractions.drawn, [1, 1000])
  else for (const fraction of plan.fractions) checkFraction(fraction)
  someOf(
    'corruptions',
    plan.corruptions.map(({ name }) => name),
    corruptions.map(({ name }) => name),
  )
  someOf('selectors', plan.selectors, allSelectors)
  someOf('shapes', plan.shapes, allShapes)
}

const refused = (message: string): FiableError =>
  new FiableError('BAD_ARGUMENT', message, 'See `fiable drill --help` for what is possible.')

function checkFraction(fraction: number): void {
  if (!(fraction > 0 && fraction <= 1))
    throw refused(`fractions holds ${fraction}; each must be above 0 and at most 1.`)
}

function someOf(name: string, given: readonly string[], allowed: readonly string[]): void {
  const unknown = given.find((value) => !allowed.includes(value))
  if (given.length === 0 || unknown !== undefined)
    throw refused(`${name} was ${unknown ?? 'empty'}; it must be some of ${allowed.join(', ')}.`)
}

/** A fraction that is no row of any batch would be told as missed, or as tried when it was not. */
function checkFractions({ fractions }: TrialPlan, tried: Batches): void {
  if ('drawn' in fractions) return
  const rows = Math.max(...tried.map(({ sampleRows }) => sampleRows))
  const none = fractions.find((fraction) => fraction * rows < 0.5)
  if (none === undefined) return
  throw new FiableError(
    'BAD_ARGUMENT',
    `The fraction ${none} of the largest batch (${rows} rows) is no row.`,
    `Give fractions from ${(0.5 / rows).toPrecision(2)} on.`,
  )
}
