import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RowSample } from '../src/data/profile.ts'
import type { EncodedRows } from '../src/detectors/rows/encoded-rows.ts'
import { isolationForest } from '../src/detectors/rows/isolation-forest.ts'
import { openRowModel, type RowModelScores } from '../src/detectors/rows/row-model.ts'
import { trainRowModel } from '../src/detectors/rows/train-row-model.ts'
import { encodeRows, encodingOf, fitTransformer } from '../src/detectors/rows/transformer.ts'
import { openEngine } from '../src/engines/duckdb.ts'
import { openOnnx } from '../src/engines/onnx.ts'
import { type Random, random, randomInteger, sampleWithoutReplacement } from '../src/math/random.ts'
import { rocAuc } from '../src/math/roc.ts'
import { type LabelledTable, readTable, splitTable, tableNames } from './adbench.ts'
import { pythonWith, runPeer } from './peers/python.ts'

/** Rows of each part used at most: a row model learns little from more. */
const MOST_ROWS = 8000
/** Forests of each kind: one alone varies by 1 to 5 points. */
const FORESTS = 5
const SPIKE_SD = 5
const SWAPPED_SHARE = 0.3
/** A column whose values are more alike than this is constant to a spike of five standard deviations. */
const FEWEST_VALUES = 10

type Measures = Record<string, number>

/**
 * Row detectors on labelled tables (ADBench, clean training), on cells moved by 5 sd, and on rows with 30 % of their cells
 * from other rows: AUROC, mean over tables and seeds. Peer: scikit-learn's IsolationForest.
 *
 * `--quick` takes one seed and 2,000 rows.
 */
export async function run(args: readonly string[]): Promise<void> {
  const isQuick = args.includes('--quick')
  const seeds = isQuick ? [1] : [1, 2, 3]
  const most = isQuick ? 2000 : MOST_ROWS
  const only = args.find((arg) => !arg.startsWith('--'))
  const python = pythonWith('sklearn')
  const engine = await openEngine({ threads: 1 })
  const all: Measures[] = []
  try {
    for (const name of tableNames().filter((file) => !only || file.startsWith(only))) {
      const sample = await readTable(engine, name)
      for (const seed of seeds) {
        const measured = await measure(splitTable(name, sample, { seed, most }), { seed, python })
        all.push(measured)
        console.log(`${name.replace('.parquet', '').padEnd(14)} ${seed}  ${lineOf(measured)}`)
      }
    }
  } finally {
    engine.close()
  }
  report(all, python)
}

async function measure(
  table: LabelledTable,
  { seed, python }: { readonly seed: number; readonly python: string | null },
): Promise<Measures> {
  const model = await trainRowModel(table.learnt, {
    ...{ name: table.name, version: 'bench', seed: `bench ${seed}`, openSession: openOnnx },
  })
  const plain = await trainRowModel(table.learnt, {
    ...{ name: table.name, version: 'bench', seed: `bench ${seed}`, openSession: openOnnx },
    members: ['autoencoder'],
    settings: { autoencoder: { predicts: 'whole row' } },
  })
  const clean = await scoresOf(model.file, table.clean)
  const odd = await scoresOf(model.file, table.odd)
  const members = model.metadata.members.map((name, m): [string, number] => {
    const own = ({ score, members: all }: RowModelScores): Float32Array =>
      score.map((_, row) => all[row * model.metadata.members.length + m]!)
    return [name, rocAuc(own(clean), own(odd))]
  })
  const bottleneck = rocAuc(
    (await scoresOf(plain.file, table.clean)).score,
    (await scoresOf(plain.file, table.odd)).score,
  )
  const draw = random(`spoil ${seed}`)
  const numbers = model.metadata.columns.filter(({ kind }) => kind === 'numeric').map(({ name }) => name)
  const spiked = withSpikes(table, numbers, draw)
  const spikes = await scoresOf(model.file, spiked.sample)
  const places = model.metadata.columns.map(({ name }) => name)
  const swapped = await scoresOf(model.file, withSwaps(table.clean, draw))
  return {
    ...Object.fromEntries(members),
    hybrid: rocAuc(clean.score, odd.score),
    bottleneck,
    ...(await forests(table, seed, python)),
    spikeAuroc: rocAuc(clean.score, spikes.score),
    spikeColumnFirst: namedFirst(spikes, places, spiked.columns),
    swap30Auroc: rocAuc(clean.score, swapped.score),
  }
}

async function scoresOf(file: Uint8Array, sample: RowSample): Promise<RowModelScores> {
  const model = await openRowModel(file, openOnnx)
  try {
    return await model.score(sample)
  } finally {
    await model.release()
  }
}

/** One cell of each row, of a column that varies, moved up or down by five standard deviations of what was learnt. */
function withSpikes({ clean, learnt }: LabelledTable, numbers: readonly string[], draw: Random) {
  const spreads = new Map(
    learnt.columns.map(({ column, codes, values }) => {
      const cells = Float64Array.from(codes, (code) => (code === 0 ? Number.NaN : Number(values[code - 1])))
      const present = cells.filter((value) => !Number.isNaN(value))
      const mean = present.reduce((sum, value) => sum + value, 0) / present.length
      const squares = present.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      const isVarying = new Set(present).size >= FEWEST_VALUES
      return [column.name, isVarying ? Math.sqrt(squares / present.length) : 0]
    }),
  )
  const candidates = numbers.filter((name) => spreads.get(name)! > 0)
  const columns = Array.from(
    { length: clean.rows },
    () => candidates[randomInteger(draw, 0, candidates.length)]!,
  )
  const sample = mapCells(clean, (value, name, row) =>
    columns[row] === name ? value + (draw() < 0.5 ? -1 : 1) * SPIKE_SD * spreads.get(name)! : value,
  )
  return { sample, columns }
}

/** 30 % of the cells of each row, at least one, taken from another row each. */
function withSwaps(clean: RowSample, draw: Random): RowSample {
  const count = Math.max(1, Math.round(SWAPPED_SHARE * clean.columns.length))
  const columns = clean.columns.map((column) => ({ ...column, codes: column.codes.slice() }))
  for (let row = 0; row < clean.rows; row++)
    for (const c of sampleWithoutReplacement(columns.length, count, draw))
      columns[c]!.codes[row] = clean.columns[c]!.codes[randomInteger(draw, 0, clean.rows)]!
  return { ...clean, columns }
}

function mapCells(
  sample: RowSample,
  change: (value: number, column: string, row: number) => number,
): RowSample {
  return {
    ...sample,
    columns: sample.columns.map(({ column, codes, values }) => ({
      column,
      codes: Uint32Array.from(codes.keys(), (row) => row + 1),
      values: Array.from(codes, (code, row) =>
        change(code === 0 ? Number.NaN : Number(values[code - 1]), column.name, row),
      ),
    })),
  }
}

function namedFirst({ columns }: RowModelScores, names: readonly string[], wrong: readonly string[]): number {
  const hits = wrong.filter((name, row) => {
    const own = columns.subarray(row * names.length, (row + 1) * names.length)
    return own.indexOf(Math.max(...own)) === names.indexOf(name)
  })
  return hits.length / wrong.length
}

/** Our forests as in the paper beside scikit-learn's, on the same numbers. */
async function forests(
  { learnt, clean, odd }: LabelledTable,
  seed: number,
  python: string | null,
): Promise<Measures> {
  const transformer = fitTransformer(learnt)
  const rows = {
    learnt: encodeRows(transformer, learnt),
    clean: encodeRows(transformer, clean),
    odd: encodeRows(transformer, odd),
  }
  const seeds = Array.from({ length: FORESTS }, (_, i) => FORESTS * seed + i)
  const ours: number[] = []
  for (const own of seeds) {
    const fitted = await isolationForest.fit(
      { rows: rows.learnt, heldOut: rows.learnt, encoding: encodingOf(transformer) },
      { subsample: 256, depth: 1 },
      { seed: `bench ${own}`, openSession: openOnnx },
    )
    ours.push(rocAuc(fitted.score(rows.clean).scores, fitted.score(rows.odd).scores))
  }
  const forest256 = meanOf(ours)
  return python ? { forest256, sklearn256: meanOf(theirForests(rows, seeds, python)) } : { forest256 }
}

function theirForests(
  { learnt, clean, odd }: Readonly<Record<'learnt' | 'clean' | 'odd', EncodedRows>>,
  seeds: readonly number[],
  python: string,
): readonly number[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  try {
    const [train, test, out] = ['train', 'test', 'out'].map((name) => path.join(folder, name))
    writeFileSync(train!, learnt.features)
    writeFileSync(test!, Buffer.concat([bytes(clean.features), bytes(odd.features)]))
    runPeer(python, 'isolation_forest.py', [train!, test!, learnt.width, 256, seeds.join(','), out!])
    const scores = new Float32Array(Uint8Array.from(readFileSync(out!)).buffer)
    const count = clean.rows + odd.rows
    return seeds.map((_, i) => {
      const own = scores.subarray(i * count, (i + 1) * count)
      return rocAuc(own.subarray(0, clean.rows), own.subarray(clean.rows))
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const bytes = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

const lineOf = (measures: Measures): string =>
  Object.entries(measures)
    .map(([name, value]) => `${name} ${(100 * value).toFixed(1)}`)
    .join('  ')

function report(all: readonly Measures[], python: string | null): void {
  const mean = (name: string): number => meanOf(all.map((one) => one[name]!))
  const round = (value: number): number => Number(value.toFixed(4))
  console.log(
    `mean over ${all.length}  ${lineOf(Object.fromEntries(Object.keys(all[0]!).map((name) => [name, mean(name)])))}`,
  )
  if (!python)
    console.log('scikit-learn is absent: install python3-sklearn, or set PYTHON to a Python that has it.')
  console.log('Not measured: tables with categories, contaminated training, tables beyond those here.')
  console.log(
    JSON.stringify({
      forest: round(mean('isolation-forest')),
      forestMinusSklearn256: python ? round(mean('forest256') - mean('sklearn256')) : null,
      forestMinusSklearnDefault: python ? round(mean('isolation-forest') - mean('sklearn256')) : null,
      neighbours: round(mean('nearest-neighbours')),
      surprise: round(mean('frequency-surprise')),
      autoencoder: round(mean('autoencoder')),
      autoencoderMinusBottleneck: round(mean('autoencoder') - mean('bottleneck')),
      hybrid: round(mean('hybrid')),
      spikeAuroc: round(mean('spikeAuroc')),
      spikeColumnFirst: round(mean('spikeColumnFirst')),
      swap30Auroc: round(mean('swap30Auroc')),
    }),
  )
}
