import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRowModel } from '../../src/detectors/rows/row-model.ts'
import { sliceSample } from '../../src/detectors/rows/take-sample.ts'
import { trainRowModel } from '../../src/detectors/rows/train-row-model.ts'
import { feedsOf } from '../../src/detectors/rows/transformer.ts'
import { openOnnx } from '../../src/engines/onnx.ts'
import { mixedTable } from '../detectors/rows/mixed-table.ts'
import { openInBrowser } from '../model-in-browser.ts'

/** The benchmark `runtimes` takes 100,000. */
const ROWS = 4096
const ROWS_AT_ONCE = 1024
/** Differences are counted relative to scores above 1: a float32 of 60 nats has steps of 4e-6. */
const CLOSE = 1e-5

test('the file gives the same scores in a real browser', { timeout: 600_000 }, async (t) => {
  const { file, metadata } = await trainRowModel(mixedTable(2000), {
    ...{ name: 'mixed', version: '0.1.0', seed: 'browser', openSession: openOnnx },
    settings: { autoencoder: { steps: 600 } },
  })
  const sample = mixedTable(ROWS, 'browser')
  const model = await openRowModel(file, openOnnx)
  const here = await model.score(sample)
  await model.release()
  const browser = await openInBrowser(file)
  t.after(() => browser.close())
  const largest: Record<string, number> = {}
  for (let from = 0; from < ROWS; from += ROWS_AT_ONCE) {
    const slice = sliceSample(sample, from, Math.min(ROWS, from + ROWS_AT_ONCE))
    const there = await browser.score(feedsOf(metadata.columns, slice))
    for (const [name, own] of [
      ['score', here.score],
      ['member_scores', here.members],
      ['column_scores', here.columns],
    ] as const) {
      const width = own.length / ROWS
      for (const [i, value] of there[name]!.entries()) {
        const expected = own[from * width + i]!
        const apart = Math.abs(value - expected) / Math.max(1, Math.abs(expected))
        const what = `${name} ${i % width}`
        largest[what] = Math.max(largest[what] ?? 0, apart)
      }
    }
  }
  t.diagnostic(`largest differences on ${ROWS} rows: ${JSON.stringify(largest)}`)
  for (const [what, apart] of Object.entries(largest)) assert.ok(apart <= CLOSE, `${what}: ${apart}`)
})
