import { spoil } from '../../src/corruption/spoil.ts'
import { FiableError } from '../../src/data/errors.ts'
import type { RowSample } from '../../src/data/profile.ts'
import type { Engine } from '../../src/engines/duckdb.ts'
import { random, shuffled } from '../../src/math/random.ts'
import { type MeasuredBatch, measureBatches } from '../../src/monitor/measured-batch.ts'
import { dependencyViolation, jointOf } from '../../src/profile/joint.ts'
import { peerVector } from '../peers/average-knn.ts'
import { type Job, jobsOf, MAGNITUDES, type TwinTable } from './job.ts'
import { createDictionary, type Dictionary, type Keep, type Packed } from './keep.ts'

/** Which twins are made. */
export interface TwinPlan {
  /** First batch that is judged. */
  readonly from: number
  /** Every how many batches twins are made. */
  readonly every: number
  readonly seeds: readonly number[]
}

/** A clean batch as it was measured. */
export interface KeptBatch {
  readonly key: string
  readonly startMs: number | null
  readonly constants: Dictionary['constants']
  readonly clean: Packed
  /** What the peer sees of it. */
  readonly peer: Float64Array
  /** Per column, how much better than chance the column that tells most of it does, in this batch; 0–1. */
  readonly lifts: ReadonlyMap<string, number>
}

/** A corrupted twin as it was measured. */
export interface KeptTwin {
  /** Place in `jobsOf`. */
  readonly job: number
  readonly magnitude: number
  /** Share of the rows that really changed; 0 leaves the twin equal to its batch. */
  readonly changed: number
  /** Null when nothing changed. */
  readonly packed: Packed | null
  readonly peer: Float64Array | null
}

/** The twins of one batch for one seed. */
export interface KeptTwins {
  readonly constants: Dictionary['constants']
  readonly twins: readonly KeptTwin[]
}

/** Names of the entries of a batch. */
export const cleanEntry = (place: number): string => `${String(place).padStart(4, '0')}-clean`
export const twinsEntry = (place: number, seed: number): string =>
  `${String(place).padStart(4, '0')}-twins-${seed}`

/** The entry that says how many batches there are. */
export const COUNT_ENTRY = 'count'

const isTried = (place: number, { from, every }: TwinPlan): boolean =>
  place >= from && (place - from) % every === 0

/** The seeds whose twins of the batch at this place are wanted. */
export const seedsAt = (place: number, plan: TwinPlan): readonly number[] =>
  isTried(place, plan) ? plan.seeds : []

/** Measures what the folder does not hold yet; killed at any moment, the next run continues. */
export async function measureTwins(
  engine: Engine,
  table: TwinTable,
  { plan, keep }: { readonly plan: TwinPlan; readonly keep: Keep },
): Promise<void> {
  if (isComplete(plan, keep)) return
  const tell = progressOf(table, plan)
  let place = 0
  for await (const stand of measureBatches(table.batches(engine))) {
    if (!keep.has(cleanEntry(place))) keep.write(cleanEntry(place), keptBatch(stand, table))
    const missing = seedsAt(place, plan).filter((seed) => !keep.has(twinsEntry(place, seed)))
    for (const seed of missing) keep.write(twinsEntry(place, seed), keptTwins(stand, table, seed))
    tell(place++, missing.length)
  }
  keep.write(COUNT_ENTRY, place)
}

/** Tells now and then how many twins are measured, and how long the others will take. */
function progressOf(table: TwinTable, plan: TwinPlan): (place: number, seedsDone: number) => void {
  const perSeed = jobsOf(table).length * MAGNITUDES.length
  const startedMs = performance.now()
  let done = 0
  return (place, seedsDone) => {
    done += seedsDone * perSeed
    if (place % 20 !== 0 || done === 0) return
    const places = Array.from({ length: Math.max(0, table.days - place - 1) }, (_, i) => place + 1 + i)
    const left = places.reduce((sum, later) => sum + seedsAt(later, plan).length, 0) * perSeed
    const minutes = ((performance.now() - startedMs) * left) / done / 60_000
    process.stderr.write(
      `${table.name}: ${done.toLocaleString('en')} twins measured, at most ${left.toLocaleString('en')} left, about ${minutes.toFixed(0)} min\n`,
    )
  }
}

function isComplete(plan: TwinPlan, keep: Keep): boolean {
  if (!keep.has(COUNT_ENTRY)) return false
  const places = Array.from({ length: keep.read<number>(COUNT_ENTRY) }, (_, place) => place)
  return places.every((place) => seedsAt(place, plan).every((seed) => keep.has(twinsEntry(place, seed))))
}

function keptBatch({ batch, clean }: MeasuredBatch, table: TwinTable): KeptBatch {
  const dictionary = createDictionary()
  return {
    key: batch.listing.key,
    startMs: batch.listing.startMs,
    clean: dictionary.pack(clean),
    constants: dictionary.constants,
    peer: vectorOf(batch.sample, table),
    lifts: liftsOf(batch.sample),
  }
}

const vectorOf = (sample: RowSample, { numbers, texts }: TwinTable): Float64Array =>
  peerVector(sample, { columns: [...numbers, ...texts], numeric: new Set(numbers) })

function keptTwins(stand: MeasuredBatch, table: TwinTable, seed: number): KeptTwins {
  const dictionary = createDictionary()
  const twins = jobsOf(table).flatMap((job, place) =>
    MAGNITUDES.map((magnitude): KeptTwin => {
      const spoiled = spoiledOrNull(stand.batch.sample, {
        ...job,
        fraction: magnitude,
        seed: `${stand.batch.listing.key}/${job.columns}/${magnitude}/${seed}`,
      })
      if (!spoiled) return { job: place, magnitude, changed: 0, packed: null, peer: null }
      const rows = { ...spoiled.table, of: spoiled.table.rows }
      return {
        job: place,
        magnitude,
        changed: spoiled.rowMask.reduce((sum, marked) => sum + marked, 0) / rows.rows,
        packed: dictionary.pack(stand.measure(rows)),
        peer: vectorOf(rows, table),
      }
    }),
  )
  return { constants: dictionary.constants, twins }
}

/** A corruption without effect leaves a twin equal to its batch: the literal protocol counts it all the same. */
function spoiledOrNull(
  sample: RowSample,
  plan: Parameters<typeof spoil>[1] & Pick<Job, 'settings'>,
): ReturnType<typeof spoil> | null {
  try {
    return spoil(sample, plan)
  } catch (thrown) {
    if (thrown instanceof FiableError && thrown.code === 'NO_EFFECT') return null
    throw thrown
  }
}

/** By column, the lift of the dependency that tells it best: how much fewer rows break it than by chance. */
function liftsOf({ columns, rows }: RowSample): ReadonlyMap<string, number> {
  const usable = columns.filter(({ values }) => values.length > 1 && values.length < rows)
  return new Map(
    usable.map((to) => {
      const byChance = { codes: Uint32Array.from(shuffled([...to.codes], random(1))), values: to.values }
      const lifts = usable
        .filter((from) => from !== to)
        .map((from) => {
          const { violation, coverage } = dependencyViolation(jointOf(from, to))
          const chance = dependencyViolation(jointOf(from, byChance)).violation
          return Math.max(0, (chance - violation) / Math.max(chance, 0.02)) * coverage
        })
      return [to.column.name, Math.max(0, ...lifts)]
    }),
  )
}
