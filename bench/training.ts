import { spawnSync } from 'node:child_process'
import { networkFor, startingParameters } from '../src/detectors/rows/network.ts'
import { trainingModel } from '../src/detectors/rows/training-graph.ts'
import { openOnnx } from '../src/engines/onnx.ts'
import { random, randomInteger, randomNormal } from '../src/math/random.ts'
import { floats } from '../src/onnx/tensor.ts'
import { cpuMs, median } from './cpu.ts'
import { pythonWith, runPeer } from './peers/python.ts'

const ENDS = [200, 256, 32, 256, 200] as const
const BATCH = 256
const ROWS = 20_000

/**
 * Training of a dense network 200-256-32-256-200 with Adam, CPU time on one thread: the training graph on ONNX Runtime,
 * numpy on its BLAS, and plain loops in TypeScript; and the peak memory of training a row model on 1,000,000 × 50.
 *
 * `--quick` takes fewer steps and 100,000 × 50 rows.
 */
export async function run(args: readonly string[]): Promise<void> {
  const isQuick = args.includes('--quick')
  const steps = isQuick ? 100 : 400
  const rounds = isQuick ? 1 : 3
  const python = pythonWith('numpy')
  const graph: number[] = []
  const numpy: number[] = []
  let version = ''
  for (let round = 0; round < rounds; round++) {
    graph.push((steps * BATCH) / (await timeGraph(steps)))
    if (!python) continue
    const peer = runPeer<{ cpuS: number; version: string }>(python, 'autoencoder.py', [steps, BATCH])
    version = peer.version
    numpy.push((steps * BATCH) / peer.cpuS)
  }
  const plain = (4 * BATCH) / timeLoops(4)
  const tell = (name: string, rowsPerS: number): void =>
    console.log(`${name.padEnd(24)} ${Math.round(rowsPerS).toLocaleString('en')} rows/s of CPU time`)
  tell('ONNX Runtime', median(graph))
  if (python) tell(`numpy ${version}`, median(numpy))
  else console.log('numpy is absent: install python3-numpy, or set PYTHON to a Python that has it.')
  tell('TypeScript loops', plain)
  const rows = isQuick ? 100_000 : 1_000_000
  const rssMb = rssOfTraining(rows)
  console.log(`training on ${rows.toLocaleString('en')} × 50: peak ${rssMb} MB`)
  console.log('Not measured: other shapes, several threads, GPU.')
  console.log(
    JSON.stringify({
      overNumpy: python ? Number((median(graph) / median(numpy)).toFixed(2)) : null,
      overTypescript: Number((median(graph) / plain).toFixed(1)),
      rssMb1e6x50: isQuick ? null : rssMb,
    }),
  )
}

const layout = {
  numbers: [...Array(ENDS[0]).keys()],
  categories: [],
  size: ENDS[0],
  columnOf: [...Array(ENDS[0]).keys()],
}

/** Seconds of CPU time for so many steps of the training graph, the network copying whole rows. */
async function timeGraph(steps: number): Promise<number> {
  const hidden = new Float32Array(ENDS[0]).fill(1)
  const network = networkFor(layout, { columns: ENDS[0], widths: [256, 32, 256], hidden, isCovered: false })
  const session = await openOnnx(trainingModel(network, BATCH))
  const draw = random('bench')
  const vectors = Float32Array.from({ length: ROWS * ENDS[0] }, () => randomNormal(draw))
  const feeds = (count: number) => ({
    parameters: floats(startingParameters(network, draw)),
    mean: floats(new Float32Array(network.size)),
    square: floats(new Float32Array(network.size)),
    vectors: floats(vectors, [ROWS, ENDS[0]]),
    order: {
      type: 'int32',
      dims: [count * BATCH],
      data: Int32Array.from({ length: count * BATCH }, () => randomInteger(draw, 0, ROWS)),
    } as const,
    chosen: { type: 'int32', dims: [count * BATCH], data: new Int32Array(count * BATCH) } as const,
    places: floats(hidden, [1, ENDS[0]]),
    columns: floats(hidden, [1, ENDS[0]]),
    rates: floats(new Float32Array(count).fill(1e-3)),
  })
  await session.run(feeds(20))
  const measured = feeds(steps)
  const begin = cpuMs()
  await session.run(measured)
  const seconds = (cpuMs() - begin) / 1000
  await session.release()
  return seconds
}

/** Seconds of CPU time for the same steps in plain loops over typed arrays, forward and backward and Adam. */
function timeLoops(steps: number): number {
  const draw = random('loops')
  const layers = ENDS.slice(1).map((outputs, l) => {
    const inputs = ENDS[l]!
    const size = (inputs + 1) * outputs
    const weights = Float32Array.from({ length: size }, () => 0.05 * randomNormal(draw))
    return {
      inputs,
      outputs,
      weights,
      gradient: new Float32Array(size),
      mean: new Float32Array(size),
      square: new Float32Array(size),
    }
  })
  const rows = Float32Array.from({ length: BATCH * ENDS[0] }, () => randomNormal(draw))
  const begin = cpuMs()
  for (let step = 0; step < steps; step++) {
    const entered: Float32Array[] = [rows]
    for (const [l, layer] of layers.entries())
      entered.push(forward(layer, entered[l]!, l + 1 < layers.length))
    let slope: Float32Array = entered.at(-1)!.map((value, i) => (value - rows[i]!) / BATCH)
    for (let l = layers.length - 1; l >= 0; l--) slope = backward(layers[l]!, entered[l]!, slope)
    for (const { weights, gradient, mean, square } of layers)
      for (let i = 0; i < weights.length; i++) {
        mean[i] = 0.9 * mean[i]! + 0.1 * gradient[i]!
        square[i] = 0.999 * square[i]! + 0.001 * gradient[i]! ** 2
        weights[i] = weights[i]! - (1e-3 * mean[i]!) / (Math.sqrt(square[i]!) + 1e-8)
      }
  }
  return (cpuMs() - begin) / 1000
}

interface LoopLayer {
  readonly inputs: number
  readonly outputs: number
  readonly weights: Float32Array
  readonly gradient: Float32Array
}

function forward(
  { inputs, outputs, weights }: LoopLayer,
  rows: Float32Array,
  isRectified: boolean,
): Float32Array {
  const result = new Float32Array(BATCH * outputs)
  for (let row = 0; row < BATCH; row++) {
    const out = result.subarray(row * outputs, (row + 1) * outputs)
    out.set(weights.subarray(inputs * outputs))
    for (let i = 0; i < inputs; i++) {
      const value = rows[row * inputs + i]!
      for (let o = 0; o < outputs; o++) out[o] = out[o]! + value * weights[i * outputs + o]!
    }
    if (isRectified) for (let o = 0; o < outputs; o++) out[o] = Math.max(0, out[o]!)
  }
  return result
}

function backward(
  { inputs, outputs, weights, gradient }: LoopLayer,
  rows: Float32Array,
  slope: Float32Array,
): Float32Array {
  const back = new Float32Array(BATCH * inputs)
  gradient.fill(0)
  for (let row = 0; row < BATCH; row++)
    for (let i = 0; i < inputs; i++) {
      const value = rows[row * inputs + i]!
      let sum = 0
      for (let o = 0; o < outputs; o++) {
        const own = slope[row * outputs + o]!
        gradient[i * outputs + o] = gradient[i * outputs + o]! + value * own
        sum += own * weights[i * outputs + o]!
      }
      back[row * inputs + i] = value > 0 ? sum : 0
    }
  return back
}

/** Peak memory of a process that trains all members on a table of numbers, in MB. */
function rssOfTraining(rows: number): number {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [new URL('./training-once.ts', import.meta.url).pathname, String(rows)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`training ended with ${status}: ${stderr}`)
  return Number(stdout)
}
