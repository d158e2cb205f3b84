import { columnEmptied } from '../corruption/column-emptied.ts'
import { columnShuffled } from '../corruption/column-shuffled.ts'
import { columnsSwapped } from '../corruption/columns-swapped.ts'
import type { Corruption } from '../corruption/corruption.ts'
import { exactDuplicates } from '../corruption/exact-duplicates.ts'
import { explicitNulls } from '../corruption/explicit-nulls.ts'
import { numberToText } from '../corruption/number-to-text.ts'
import { scaleChange } from '../corruption/scale-change.ts'
import { spoil } from '../corruption/spoil.ts'
import { columnNamed, type Table } from '../corruption/table.ts'
import { truncation } from '../corruption/truncation.ts'
import { unseenCategory } from '../corruption/unseen-category.ts'
import { type Dimension, dimensions } from '../data/dimension.ts'
import { FiableError } from '../data/errors.ts'
import type { GivenSettings, Params } from '../data/params.ts'
import type { OnProgress } from '../data/progress.ts'
import { random, shuffled } from '../math/random.ts'
import type { Dataset } from '../monitor/project.ts'
import type { Stand } from '../monitor/rehearsal.ts'
import { LEAST_BATCHES } from './drill.ts'
import { canBeTried } from './evaluate.ts'
import { targetsOf } from './trial-plan.ts'

/** One fault of a fire drill. */
export interface FireTrial {
  readonly dimension: Dimension
  readonly corruption: string
  readonly columns: readonly string[]
  readonly rang: boolean
  /** Nats. */
  readonly score: number
  readonly threshold: number
}

/** Whether the alarm rang for faults that any working alarm tells. */
export interface FireDrill {
  readonly atMs: number
  /** The batch of which shadow copies were spoiled. */
  readonly batch: string
  readonly trials: readonly FireTrial[]
  readonly rang: number
}

/** Share of the rows spoiled: nobody would call it a detail. */
const FRACTION = 0.5

interface Blaze {
  readonly corruption: Corruption<Params>
  readonly settings?: GivenSettings
}

/** Faults per dimension, in the order tried: the first that fits the table and changes it is taken. */
const BLAZES: Readonly<Record<Dimension, readonly Blaze[]>> = {
  conformity: [{ corruption: truncation }, { corruption: numberToText }],
  uniqueness: [{ corruption: exactDuplicates }],
  completeness: [{ corruption: explicitNulls }, { corruption: columnEmptied }],
  integrity: [{ corruption: scaleChange, settings: { factor: '1000' } }, { corruption: unseenCategory }],
  consistency: [{ corruption: columnsSwapped }, { corruption: columnShuffled }],
}

/**
 * Spoils shadow copies of the newest clean batch, once per dimension, and tells whether the alarm rang.
 *
 * Nothing is stored here and nothing is learnt: batches, scores and alert budget stay as they are.
 *
 * @throws FiableError TOO_FEW_BATCHES below 9 batches held for normal: before, limits are so wide that silence means little.
 */
export async function fireDrill(
  dataset: Dataset,
  options: { readonly atMs: number; readonly onProgress?: OnProgress },
): Promise<FireDrill> {
  const batches = await dataset.batches()
  const last = batches.findLastIndex(canBeTried)
  const known = batches.filter(canBeTried).length
  if (known <= LEAST_BATCHES)
    throw new FiableError(
      'TOO_FEW_BATCHES',
      `${dataset.name} has ${known} judged batches held for normal; a fire drill needs more than ${LEAST_BATCHES}.`,
      'Let more batches arrive, or check earlier ones first.',
    )
  let place = 0
  for await (const stand of dataset.rehearse(options.onProgress ? { onProgress: options.onProgress } : {}))
    if (place++ === last) return onFire(stand, options.atMs)
  throw new FiableError(
    'STORE_BUSY',
    `The batches of ${dataset.name} changed during the fire drill.`,
    'Run it again.',
  )
}

async function onFire(stand: Stand, atMs: number): Promise<FireDrill> {
  const trials: FireTrial[] = []
  for (const dimension of dimensions) trials.push(...(await firstThatFits(stand, dimension, atMs)))
  return { atMs, batch: stand.batch.listing.key, trials, rang: trials.filter(({ rang }) => rang).length }
}

/** The first fault of a dimension that fits the table and changes it; none when none does. */
async function firstThatFits(
  stand: Stand,
  dimension: Dimension,
  atMs: number,
): Promise<readonly FireTrial[]> {
  const draw = random(`${stand.batch.listing.key}/${dimension}/${atMs}`)
  const tried = BLAZES[dimension].map((blaze) => ({
    blaze,
    targets: targetsOf(blaze.corruption, stand.batch.sample),
  }))
  for (const { blaze, targets } of tried)
    for (const columns of repeatingFirst(shuffled(targets, draw), stand.batch.sample)) {
      const trial = await trialOf(stand, { ...blaze, dimension, columns })
      if (trial) return [trial]
    }
  return []
}

/** Columns whose values repeat come first: of a key, any new value is as good as another. */
function repeatingFirst(
  targets: readonly (readonly string[])[],
  table: Table,
): readonly (readonly string[])[] {
  const repeats = (columns: readonly string[]): boolean =>
    columns.every((name) => columnNamed(table, name)!.values.length <= table.rows / 2)
  return [...targets.filter(repeats), ...targets.filter((columns) => !repeats(columns))]
}

async function trialOf(
  { batch, clean, judge }: Stand,
  {
    corruption,
    settings = {},
    dimension,
    columns,
  }: Blaze & { readonly dimension: Dimension; readonly columns: readonly string[] },
): Promise<FireTrial | null> {
  try {
    const plan = { corruption, columns, fraction: FRACTION, settings, seed: batch.listing.key }
    const { table } = spoil(batch.sample, plan)
    const { isAlert, nats, threshold } = await judge({ ...table, of: table.rows })
    // On a batch that alarmed as it was, the fault must be heard above it.
    const rang = isAlert && (!clean.isAlert || nats > clean.nats)
    return { dimension, corruption: corruption.name, columns, rang, score: nats, threshold }
  } catch (thrown) {
    if (thrown instanceof FiableError && thrown.code === 'NO_EFFECT') return null
    throw thrown
  }
}

const DAY_MS = 86_400_000
const PERIODS_MS = { daily: DAY_MS, weekly: 7 * DAY_MS, monthly: 30 * DAY_MS } as const

export type FirePeriod = keyof typeof PERIODS_MS

/** Whether a dataset has enough batches for a fire drill. */
export const canFireDrill = async (dataset: Dataset): Promise<boolean> =>
  (await dataset.batches()).filter(canBeTried).length > LEAST_BATCHES

/** Whether a period has passed since the last fire drill, less an hour, so that a daily look finds it due. */
export const isFireDrillDue = (period: FirePeriod, last: FireDrill | null, nowMs: number): boolean =>
  last === null || nowMs - last.atMs >= PERIODS_MS[period] - 3_600_000
