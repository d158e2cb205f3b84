import type { SampleColumn } from '../src/data/profile.ts'
import { trainRowModel } from '../src/detectors/rows/train-row-model.ts'
import { openOnnx } from '../src/engines/onnx.ts'
import { random, randomNormal } from '../src/math/random.ts'

/** Trains a row model on so many rows × 50 numbers; prints the peak memory of this process in MB. */
const rows = Number(process.argv[2])
const draw = random('once')
const latent = Float64Array.from({ length: rows }, () => randomNormal(draw))
const columns = Array.from({ length: 50 }, (_, c): SampleColumn => {
  const values = Array.from(latent, (value) => value * (c % 7) + randomNormal(draw))
  const codes = Uint32Array.from({ length: rows }, (_, row) => row + 1)
  return { column: { name: `c${c}`, type: 'DOUBLE', storage: 'number' }, codes, values }
})
await trainRowModel(
  { rows, of: rows, columns },
  {
    ...{ name: 'once', version: 'bench', seed: '1', openSession: openOnnx },
    settings: { autoencoder: { steps: 1000 } },
  },
)
console.log(Math.round(process.resourceUsage().maxRSS / 1024))
