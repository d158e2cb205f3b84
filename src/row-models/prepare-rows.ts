import { FiableError } from '../data/errors.ts'
import type { RowSample } from '../data/profile.ts'
import type { OnProgress } from '../data/progress.ts'
import { splitRows } from '../detectors/rows/split-rows.ts'
import { sliceSample, takeSample } from '../detectors/rows/take-sample.ts'
import type { Engine } from '../engines/duckdb.ts'
import { random, sampleWithoutReplacement } from '../math/random.ts'
import { readSample } from '../profile/sample-file.ts'
import { type BatchRecord, listBatches } from '../tracking/batches.ts'
import type { Store } from '../tracking/store.ts'
import { stackSamples } from './stack-samples.ts'

/** Rows learnt from at most, and cells: the newest batches count as much as the oldest. */
const MOST_ROWS = 200_000
const MOST_CELLS = 2e7
/** Batches a model is tested on: the newest fifth, so many at most, and rows of each. */
const TESTED_SHARE = 0.2
const MOST_TESTED = 5
const MOST_TESTED_ROWS = 1000
/** Rows that must be left to learn from when whole batches are kept for the test. */
const FEWEST_LEFT = 500

/** A batch as a trace of what was learnt from. */
export interface NamedRows {
  readonly key: string
  readonly slot: number
  /** Digests of its content and of the sample taken of it. */
  readonly contentHash: string
  readonly sampleDigest: string
  /** Rows of it that are there. */
  readonly rows: number
}

/** Rows for training a model, for calibrating it, and for testing it. */
export interface PreparedRows {
  readonly learnt: RowSample
  readonly heldOut: RowSample
  readonly test: RowSample
  /** The batches behind `learnt` and `heldOut`, oldest first. */
  readonly learntFrom: readonly NamedRows[]
  /** The rows of `test` in order. */
  readonly testedOn: readonly NamedRows[]
  /** Highest slot among the batches learnt from. */
  readonly lastSlot: number
  /** Whether the test is on batches after those learnt from, or on other rows of the same. */
  readonly isTestedLater: boolean
}

export interface PrepareContext {
  readonly store: Store
  readonly engine: Engine
  readonly onProgress?: OnProgress
}

/**
 * The batches held for normal, oldest first.
 *
 * @param upTo - Highest slot looked at.
 * @throws FiableError TOO_FEW_BATCHES when there is none.
 */
export async function normalBatches(
  { db }: Store,
  dataset: { readonly id: number; readonly name: string },
  upTo = Infinity,
): Promise<readonly BatchRecord[]> {
  const normal = (await listBatches(db, dataset.id)).filter(
    ({ inBaseline, rows, slot }) => inBaseline && rows > 0 && slot <= upTo,
  )
  if (normal.length > 0) return normal
  throw new FiableError(
    'TOO_FEW_BATCHES',
    `No judged batch of ${dataset.name} is held for normal: there is nothing to learn from.`,
    'Run `fiable check` first, on batches that are as they should be.',
  )
}

/**
 * Splits the kept samples of batches into rows to learn from, rows held out of them, and rows to test on.
 *
 * The newest fifth of the batches is for the test, as batches after the training will be what the model meets; where too
 * few rows would be left, a fifth of the rows instead. Same batches and seed, same rows.
 *
 * @throws FiableError TOO_FEW_ROWS when fewer than 100 rows are left to learn from.
 */
export async function prepareRows(
  context: PrepareContext,
  batches: readonly BatchRecord[],
  seed: string,
): Promise<PreparedRows> {
  const samples = await readReference(context, batches, seed)
  const all = stackSamples(samples)
  const ends = endsOf(samples)
  const tested = testedBatches(samples)
  const named = batches.map((batch, i) => namedRows(batch, samples[i]!.rows))
  return tested > 0
    ? onLaterBatches({ all, ends, named, tested, seed })
    : onOtherRows({ all, ends, named, seed })
}

interface Stacked {
  readonly all: RowSample
  /** Rows up to and with each batch. */
  readonly ends: readonly number[]
  readonly named: readonly NamedRows[]
  readonly seed: string
}

function endsOf(samples: readonly RowSample[]): readonly number[] {
  let end = 0
  return samples.map(({ rows }) => (end += rows))
}

/** How many of the newest batches are for the test; 0 when too few rows would be left. */
function testedBatches(samples: readonly RowSample[]): number {
  if (samples.length < 2) return 0
  const tested = Math.min(MOST_TESTED, Math.ceil(TESTED_SHARE * samples.length))
  const left = samples.slice(0, -tested).reduce((sum, { rows }) => sum + rows, 0)
  return left >= FEWEST_LEFT ? tested : 0
}

function onLaterBatches({
  all,
  ends,
  named,
  tested,
  seed,
}: Stacked & { readonly tested: number }): PreparedRows {
  const first = named.length - tested
  const reference = sliceSample(all, 0, ends[first - 1]!)
  const rows: number[] = []
  const testedOn = named.slice(first).map((batch, i) => {
    const from = ends[first + i - 1]!
    const count = Math.min(MOST_TESTED_ROWS, batch.rows)
    const chosen = sampleWithoutReplacement(batch.rows, count, random(`${seed} test ${batch.key}`))
    rows.push(...chosen.sort().map((row) => from + row))
    return { ...batch, rows: count }
  })
  return {
    ...split(reference, seed),
    test: takeSample(all, rows),
    learntFrom: named.slice(0, first),
    testedOn,
    lastSlot: named[first - 1]!.slot,
    isTestedLater: true,
  }
}

function onOtherRows({ all, ends, named, seed }: Stacked): PreparedRows {
  const count = Math.min(MOST_TESTED_ROWS, Math.floor(TESTED_SHARE * all.rows))
  const chosen = sampleWithoutReplacement(all.rows, count, random(`${seed} test`)).sort()
  const isTested = new Uint8Array(all.rows)
  for (const row of chosen) isTested[row] = 1
  const others = Uint32Array.from(isTested.keys()).filter((row) => isTested[row] === 0)
  const within = (batch: number): number =>
    isTested.subarray(ends[batch - 1] ?? 0, ends[batch]!).reduce((sum, one) => sum + one, 0)
  return {
    ...split(takeSample(all, others), seed),
    test: takeSample(all, chosen),
    learntFrom: named.map((batch, i) => ({ ...batch, rows: batch.rows - within(i) })),
    testedOn: named.map((batch, i) => ({ ...batch, rows: within(i) })).filter(({ rows }) => rows > 0),
    lastSlot: named.at(-1)!.slot,
    isTestedLater: false,
  }
}

function split(reference: RowSample, seed: string): Pick<PreparedRows, 'learnt' | 'heldOut'> {
  const { learnt, heldOut } = splitRows(reference, seed)
  return { learnt: takeSample(reference, learnt), heldOut: takeSample(reference, heldOut) }
}

const namedRows = ({ listing, slot, sampleDigest }: BatchRecord, rows: number): NamedRows => ({
  key: listing.key,
  slot,
  contentHash: listing.contentHash,
  sampleDigest,
  rows,
})

/** The kept samples, thinned alike so that all of them together stay within bounds. */
async function readReference(
  { store, engine, onProgress }: PrepareContext,
  batches: readonly BatchRecord[],
  seed: string,
): Promise<readonly RowSample[]> {
  const draw = random(`${seed} reference`)
  const samples: RowSample[] = []
  for (const [i, { sampleDigest }] of batches.entries()) {
    onProgress?.({ stage: 'reading the batches', done: i, total: batches.length })
    const sample = await readSample(engine, store.artifacts.pathOf(sampleDigest))
    const most = Math.min(MOST_ROWS, Math.floor(MOST_CELLS / Math.max(1, sample.columns.length)))
    const share = Math.max(1, Math.floor(most / batches.length))
    samples.push(
      sample.rows <= share ? sample : takeSample(sample, sampleWithoutReplacement(sample.rows, share, draw)),
    )
  }
  return samples
}
