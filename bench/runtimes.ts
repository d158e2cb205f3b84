import { createHash } from 'node:crypto'
import { openRowModel } from '../src/detectors/rows/row-model.ts'
import { sliceSample } from '../src/detectors/rows/take-sample.ts'
import { trainRowModel } from '../src/detectors/rows/train-row-model.ts'
import { feedsOf } from '../src/detectors/rows/transformer.ts'
import { openOnnx } from '../src/engines/onnx.ts'
import { mixedTable } from '../test/detectors/rows/mixed-table.ts'
import { openInBrowser } from '../test/model-in-browser.ts'

const ROWS_AT_ONCE = 2048

/**
 * One row model in two runtimes: the largest difference of its outputs between onnxruntime-node and onnxruntime-web in a
 * real browser, on 100,000 rows of numbers, categories, texts and times; and whether two trainings give the same bytes.
 *
 * `--quick` takes 10,000 rows.
 */
export async function run(args: readonly string[]): Promise<void> {
  const rows = args.includes('--quick') ? 10_000 : 100_000
  const train = () =>
    trainRowModel(mixedTable(2000), { name: 'mixed', version: 'bench', seed: '1', openSession: openOnnx })
  const { file, metadata } = await train()
  const isSame = sha256(file) === sha256((await train()).file)
  const sample = mixedTable(rows, 'runtimes')
  const here = await openRowModel(file, openOnnx)
  const there = await openInBrowser(file)
  const largest = new Map<string, { absolute: number; relative: number }>()
  try {
    for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
      const slice = sliceSample(sample, from, Math.min(rows, from + ROWS_AT_ONCE))
      const { score, members, columns } = await here.score(slice)
      const other = await there.score(feedsOf(metadata.columns, slice))
      for (const [name, own] of Object.entries({ score, member_scores: members, column_scores: columns }))
        widen(largest, name, { own, other: other[name]! })
    }
  } finally {
    await Promise.all([here.release(), there.close()])
  }
  for (const [name, { absolute, relative }] of largest)
    console.log(
      `${name.padEnd(14)} largest difference ${absolute.toExponential(1)} nats, ${relative.toExponential(1)} relative to scores above 1`,
    )
  console.log('Not measured: other processors, WebGPU; Python.')
  const worst = (of: 'absolute' | 'relative'): number =>
    Number(Math.max(...[...largest.values()].map((one) => one[of])).toPrecision(2))
  console.log(
    JSON.stringify({ rows, absolute: worst('absolute'), relative: worst('relative'), sameBytes: isSame }),
  )
}

function widen(
  largest: Map<string, { absolute: number; relative: number }>,
  name: string,
  { own, other }: { readonly own: Float32Array; readonly other: readonly number[] },
): void {
  const seen = largest.get(name) ?? { absolute: 0, relative: 0 }
  for (const [i, value] of own.entries()) {
    const apart = Math.abs(value - other[i]!)
    seen.absolute = Math.max(seen.absolute, apart)
    seen.relative = Math.max(seen.relative, apart / Math.max(1, Math.abs(value)))
  }
  largest.set(name, seen)
}

const sha256 = (file: Uint8Array): string => createHash('sha256').update(file).digest('hex')
