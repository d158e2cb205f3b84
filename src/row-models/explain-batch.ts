import { FiableError } from '../data/errors.ts'
import type { RowSample, SampleColumn } from '../data/profile.ts'
import { ONE_PERCENT } from '../detectors/rows/one-percent-line.ts'
import type { RowModel, RowModelExpectations } from '../detectors/rows/row-model.ts'
import type { ModelColumn } from '../detectors/rows/row-model-metadata.ts'
import type { Engine } from '../engines/duckdb.ts'
import type { OpenSession } from '../onnx/session.ts'
import { readSample } from '../profile/sample-file.ts'
import { type BatchRecord, listBatches } from '../tracking/batches.ts'
import type { Store } from '../tracking/store.ts'
import { loadModel, modelInService, noModel } from './model-of-dataset.ts'

/** Cells named per row at most, and how surprising one must be beside the first. */
const MOST_CELLS = 3
const NEXT_TO_FIRST = 0.5
/** Codes of categories begin after those of missing and unseen cells. */
const FIRST_CATEGORY = 2

/** A cell at fault. */
export interface SuspectCell {
  readonly column: string
  /** Nats. */
  readonly surprise: number
  readonly value: string | null
  /** What the other cells of the row make likely; null where nothing can be said. */
  readonly expected: string | null
}

/** A row with what is odd about it. */
export interface ExplainedRow {
  /** Nats, −ln of the chance that a clean row is as odd. */
  readonly score: number
  /** All cells as text, in the order of `columns`. */
  readonly cells: readonly (string | null)[]
  /** Most surprising first; empty when the row is odd as a whole only. */
  readonly suspects: readonly SuspectCell[]
  /** Reference rows most alike, in the order of `columns`. */
  readonly similar: readonly (readonly (string | null)[])[]
}

/** The oddest rows of a batch, out of its kept sample. */
export interface BatchExplanation {
  readonly dataset: string
  readonly batch: string
  readonly model: { readonly name: string; readonly version: number }
  /** Whether the model learnt from this batch: then its rows look less odd than they are. */
  readonly isInSample: boolean
  /** Rows looked at, and rows of the batch. */
  readonly rows: { readonly looked: number; readonly of: number }
  /** Share of the rows looked at that are above the 1 % line. */
  readonly oddFraction: number
  readonly columns: readonly string[]
  /** Oddest first. */
  readonly oddest: readonly ExplainedRow[]
}

export interface ExplainContext {
  readonly store: Store
  readonly engine: Engine
  readonly openSession: OpenSession
  readonly dataset: { readonly id: number; readonly name: string }
}

/**
 * Explains the oddest rows of a judged batch with the row model in service.
 *
 * @param request.batch - Key of the batch; the newest when left out.
 * @param request.rows - Rows wanted, 1–1000, 10 by default.
 * @throws FiableError NOT_FOUND without a model or such a batch; BAD_SCHEMA when the batch lacks a column of the model.
 */
export async function explainBatch(
  { store, engine, openSession, dataset }: ExplainContext,
  request: { readonly batch?: string | undefined; readonly rows?: number | undefined } = {},
): Promise<BatchExplanation> {
  const version = await modelInService(store, dataset.id)
  if (!version) throw noModel(dataset.name)
  const batch = chooseBatch(dataset.name, await listBatches(store.db, dataset.id), request.batch)
  const sample = await readSample(engine, store.artifacts.pathOf(batch.sampleDigest))
  const kept = version.keptDigest && (await readSample(engine, store.artifacts.pathOf(version.keptDigest)))
  const model = await loadModel(store, version, openSession)
  try {
    const expected = await model.expect(sample)
    const oddest = [...expected.score.keys()]
      .sort((a, b) => expected.score[b]! - expected.score[a]! || a - b)
      .slice(0, request.rows ?? 10)
    return {
      dataset: dataset.name,
      batch: batch.listing.key,
      model: { name: version.name, version: version.version },
      isInSample: batch.slot <= version.lastSlot && batch.inBaseline,
      rows: { looked: sample.rows, of: batch.rows },
      oddFraction: expected.score.filter((score) => score > ONE_PERCENT).length / Math.max(1, sample.rows),
      columns: sample.columns.map(({ column }) => column.name),
      oddest: oddest.map((row) => explainRow({ model, sample, expected, kept: kept || null }, row)),
    }
  } finally {
    await model.release()
  }
}

function chooseBatch(
  dataset: string,
  batches: readonly BatchRecord[],
  wanted: string | undefined,
): BatchRecord {
  const found = wanted === undefined ? batches.at(-1) : batches.find(({ listing }) => listing.key === wanted)
  if (found) return found
  throw new FiableError(
    'NOT_FOUND',
    wanted === undefined
      ? `${dataset} has no judged batch.`
      : `${dataset} has no judged batch ${wanted}; the newest is ${batches.at(-1)?.listing.key ?? 'none'}.`,
    'Run `fiable check` first, and name one of its batches.',
  )
}

interface Explained {
  readonly model: RowModel
  readonly sample: RowSample
  readonly expected: RowModelExpectations
  readonly kept: RowSample | null
}

function explainRow(explained: Explained, row: number): ExplainedRow {
  const { sample, expected, kept } = explained
  const bags = expected.similar.length / Math.max(1, sample.rows)
  const places = [...new Set(expected.similar.subarray(row * bags, (row + 1) * bags))]
  return {
    score: expected.score[row]!,
    cells: sample.columns.map((column) => shownCell(column, row)),
    suspects: suspectsOf(explained, row),
    similar: kept ? places.map((place) => similarCells(sample, kept, place)) : [],
  }
}

const similarCells = (sample: RowSample, kept: RowSample, place: number): (string | null)[] =>
  sample.columns.map(({ column }) => {
    const own = kept.columns.find((other) => other.column.name === column.name)
    return own ? shownCell(own, place) : null
  })

function suspectsOf({ model, sample, expected }: Explained, row: number): SuspectCell[] {
  const { columns } = model.metadata
  if (expected.columns.length === 0) return []
  const surprise = expected.columns.subarray(row * columns.length, (row + 1) * columns.length)
  const ranked = [...surprise.keys()].sort((a, b) => surprise[b]! - surprise[a]!).slice(0, MOST_CELLS)
  const first = surprise[ranked[0]!]!
  return ranked
    .filter((c) => surprise[c]! >= Math.max(ONE_PERCENT / 2, NEXT_TO_FIRST * first))
    .map((c) => {
      const known = columns[c]!
      const column = sample.columns.find((other) => other.column.name === known.name)!
      const at = row * columns.length + c
      return {
        column: known.name,
        surprise: surprise[c]!,
        value: shownCell(column, row),
        expected: shownExpectation(known, { number: expected.numbers[at], code: expected.codes[at] }),
      }
    })
}

function shownExpectation(
  { kind, categories }: ModelColumn,
  { number, code }: { readonly number: number | undefined; readonly code: number | undefined },
): string | null {
  if (kind === 'numeric') return number === undefined || Number.isNaN(number) ? null : shortNumber(number)
  return (kind === 'categorical' && categories[(code ?? 0) - FIRST_CATEGORY]) || null
}

/** Four significant digits: an expectation is no exact number. */
const shortNumber = (value: number): string => String(Number(value.toPrecision(4)))

/** A cell as people read it; null when missing. */
function shownCell({ column, codes, values }: SampleColumn, row: number): string | null {
  if (codes[row] === 0) return null
  const cell = values[codes[row]! - 1]!
  if (column.storage === 'boolean') return cell === 1 ? 'true' : 'false'
  if (column.storage === 'time' && Math.abs(Number(cell)) <= 8.64e15)
    return new Date(Number(cell)).toISOString()
  return String(cell)
}
