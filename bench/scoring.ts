import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RowSample } from '../src/data/profile.ts'
import type { EncodedRows } from '../src/detectors/rows/encoded-rows.ts'
import { isolationForest } from '../src/detectors/rows/isolation-forest.ts'
import { openRowModel, type RowModel } from '../src/detectors/rows/row-model.ts'
import { sliceSample } from '../src/detectors/rows/take-sample.ts'
import { trainRowModel } from '../src/detectors/rows/train-row-model.ts'
import { openOnnx } from '../src/engines/onnx.ts'
import { quantile } from '../src/math/quantile.ts'
import { random, randomNormal } from '../src/math/random.ts'
import { cpuMs, median } from './cpu.ts'
import { pythonWith, runPeer } from './peers/python.ts'

const WIDTH = 20
const BATCHES = [1, 100, 10_000] as const

interface PeerTimes {
  readonly fitS: number
  readonly scoreS: number
  readonly version: string
}

/**
 * Fit and scoring of an isolation forest (100 trees of 256 rows, depth 8, 1 thread, CPU time) beside scikit-learn's, in
 * turns; and a whole row model from cells as they are to scores.
 *
 * `--quick` takes 100,000 rows instead of a million, and one round instead of three.
 */
export async function run(args: readonly string[]): Promise<void> {
  const isQuick = args.includes('--quick')
  const rows = syntheticRows(isQuick ? 1e5 : 1e6)
  const rounds = isQuick ? 1 : 3
  const python = pythonWith('sklearn')
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  const ours: { fit: number; score: number; deep: number }[] = []
  const peers: PeerTimes[] = []
  try {
    const file = path.join(folder, 'rows')
    writeFileSync(file, rows.features)
    await timeForest(rows)
    for (let round = 0; round < rounds; round++) {
      ours.push(await timeForest(rows))
      if (python)
        peers.push(
          runPeer<PeerTimes>(python, 'isolation_forest.py', [
            file,
            file,
            WIDTH,
            256,
            round,
            path.join(folder, 'out'),
          ]),
        )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const fit = median(ours.map((times) => times.fit))
  const score = median(ours.map((times) => times.score))
  const deep = median(ours.map((times) => times.deep))
  console.log(
    `forest, ${rows.rows.toLocaleString('en')} × ${WIDTH}: fit ${fit.toFixed(0)} ms, score ${score.toFixed(0)} ms; at its defaults (ψ 1024, deep) score ${deep.toFixed(0)} ms; CPU, 1 thread`,
  )
  const peerFit = peers.length > 0 ? 1000 * median(peers.map(({ fitS }) => fitS)) : null
  const peerScore = peers.length > 0 ? 1000 * median(peers.map(({ scoreS }) => scoreS)) : null
  console.log(
    peerFit === null
      ? 'scikit-learn is absent: install python3-sklearn, or set PYTHON to a Python that has it.'
      : `scikit-learn ${peers[0]!.version}: fit ${peerFit.toFixed(0)} ms, score ${peerScore!.toFixed(0)} ms`,
  )
  const bundleRowsPerS = await timeBundle()
  console.log('Not measured: several threads, other widths; time on the clock of the forest.')
  const ratio = (peer: number | null, own: number): number | null =>
    peer === null ? null : Number((peer / own).toFixed(2))
  console.log(
    JSON.stringify({
      scoreOverSklearn: ratio(peerScore, score),
      fitOverSklearn: ratio(peerFit, fit),
      bundleRowsPerS,
    }),
  )
}

function syntheticRows(rows: number): EncodedRows {
  const draw = random('rows')
  const features = new Float32Array(rows * WIDTH)
  for (let i = 0; i < features.length; i++) features[i] = randomNormal(draw)
  return { rows, width: WIDTH, features, codes: new Uint8Array(0) }
}

async function timeForest(rows: EncodedRows) {
  const encoding = { columnOf: [...Array(WIDTH).keys()], levels: [], isCategory: [], priors: [] }
  const fitting = (settings: Record<string, number>) =>
    isolationForest.fit({ rows, heldOut: rows, encoding }, settings, { seed: 'bench', openSession: openOnnx })
  const begin = cpuMs()
  const forest = await fitting({ subsample: 256, depth: 1 })
  const fitted = cpuMs()
  forest.score(rows)
  const scored = cpuMs()
  const deep = await fitting({})
  const grown = cpuMs()
  deep.score(rows)
  return { fit: fitted - begin, score: scored - fitted, deep: cpuMs() - grown }
}

/** A mixed table: numbers, categories, texts and times, as a scan gives them. */
function mixedSample(rows: number): RowSample {
  const draw = random('mixed')
  const column = (
    name: string,
    type: string,
    storage: 'number' | 'string' | 'time',
    make: (row: number) => number | string,
  ) => {
    const values = Array.from({ length: rows }, (_, row) => make(row))
    return {
      column: { name, type, storage },
      codes: Uint32Array.from({ length: rows }, (_, row) => row + 1),
      values,
    } as RowSample['columns'][number]
  }
  return {
    rows,
    of: rows,
    columns: [
      ...Array.from({ length: 10 }, (_, c) => column(`n${c}`, 'DOUBLE', 'number', () => randomNormal(draw))),
      ...Array.from({ length: 6 }, (_, c) =>
        column(`c${c}`, 'VARCHAR', 'string', () => `category ${Math.floor(draw() ** 2 * 30)}`),
      ),
      ...Array.from({ length: 2 }, (_, c) =>
        column(`t${c}`, 'VARCHAR', 'string', (row) => `item ${row} of shop ${Math.floor(draw() * 1e6)}`),
      ),
      ...Array.from({ length: 2 }, (_, c) =>
        column(`d${c}`, 'TIMESTAMP', 'time', (row) => 1.7e12 + 1000 * row + Math.floor(draw() * 8.64e7)),
      ),
    ],
  }
}

/** Rows per second of clock time through the whole model, and the latency of batches of 1, 100 and 10,000 rows. */
async function timeBundle(): Promise<number> {
  const sample = mixedSample(10_000)
  const { file } = await trainRowModel(sliceSample(sample, 0, 5000), {
    ...{ name: 'bench', version: 'bench', seed: '1', openSession: openOnnx },
    settings: { autoencoder: { steps: 600 } },
  })
  const model = await openRowModel(file, openOnnx)
  try {
    await model.score(sample)
    for (const rows of BATCHES) await tellLatency(model, sample, rows)
    const begin = performance.now()
    await model.score(sample)
    const rowsPerS = Math.round(sample.rows / ((performance.now() - begin) / 1000))
    console.log(
      `whole model (4 members, 20 columns) from strings: ${rowsPerS.toLocaleString('en')} rows/s, file ${(file.length / 1e6).toFixed(1)} MB`,
    )
    return rowsPerS
  } finally {
    await model.release()
  }
}

async function tellLatency(model: RowModel, sample: RowSample, rows: number): Promise<void> {
  const times: number[] = []
  for (let i = 0; i < (rows > 1000 ? 10 : 100); i++) {
    const from = rows < sample.rows ? (i * rows) % (sample.rows - rows) : 0
    const slice = sliceSample(sample, from, from + rows)
    const begin = performance.now()
    await model.score(slice)
    times.push(performance.now() - begin)
  }
  console.log(
    `batch of ${rows.toLocaleString('en').padStart(6)}: median ${median(times).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`,
  )
}
