import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { openRowModel } from '../../src/detectors/rows/row-model.ts'
import { sliceSample } from '../../src/detectors/rows/take-sample.ts'
import { trainRowModel } from '../../src/detectors/rows/train-row-model.ts'
import { feedsOf } from '../../src/detectors/rows/transformer.ts'
import { openOnnx } from '../../src/engines/onnx.ts'
import type { Tensors } from '../../src/onnx/session.ts'
import { launchBrowser } from '../browser.ts'
import { mixedTable } from '../detectors/rows/mixed-table.ts'

const dist = path.join(import.meta.dirname, '../../node_modules/onnxruntime-web/dist')
const ROWS = Number(process.env.FIABLE_BROWSER_ROWS ?? 4096)
const ROWS_AT_ONCE = 1024
/** Differences are counted relative to scores above 1: a float32 of 60 nats has steps of 4e-6. */
const CLOSE = 1e-5

interface InPage {
  score(feeds: unknown): Promise<Record<string, number[]>>
}

/** Run in the page: loads the model once, then scores what it is given. */
const PAGE = `<script type="module">
  import * as ort from '/ort.wasm.min.mjs'
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmPaths = '/'
  const session = await ort.InferenceSession.create('/model.onnx')
  const arrays = { float64: Float64Array, int32: Int32Array }
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer
  window.score = async (feeds) => {
    const tensors = {}
    for (const [name, { type, dims, data }] of Object.entries(feeds))
      tensors[name] = new ort.Tensor(type, type === 'string' ? data : new arrays[type](bytes(data)), dims)
    const outputs = await session.run(tensors, ['score', 'member_scores', 'column_scores'])
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data)]))
  }
  window.isReady = true
</script>`

async function serve(model: Uint8Array) {
  const types: Record<string, string> = { '.mjs': 'text/javascript', '.wasm': 'application/wasm' }
  const server = createServer(async (request, response) => {
    const name = request.url!.slice(1)
    if (name === '') return void response.setHeader('content-type', 'text/html').end(PAGE)
    if (name === 'model.onnx') return void response.end(model)
    const file = await readFile(path.join(dist, path.basename(name))).catch(() => null)
    if (!file) return void response.writeHead(404).end()
    response.setHeader('content-type', types[path.extname(name)] ?? 'text/plain').end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

const forPage = (feeds: Tensors) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { type, dims, data }]) => [
      name,
      {
        type,
        dims,
        data:
          type === 'string'
            ? data
            : Buffer.from(
                (data as Float64Array).buffer,
                (data as Float64Array).byteOffset,
                (data as Float64Array).byteLength,
              ).toString('base64'),
      },
    ]),
  )

test('the file gives the same scores in a real browser', { timeout: 600_000 }, async (t) => {
  const { file, metadata } = await trainRowModel(mixedTable(2000), {
    ...{ name: 'mixed', version: '0.1.0', seed: 'browser', openSession: openOnnx },
    settings: { autoencoder: { steps: 600 } },
  })
  const sample = mixedTable(ROWS, 'browser')
  const model = await openRowModel(file, openOnnx)
  const here = await model.score(sample)
  await model.release()
  const { server, url } = await serve(file)
  const browser = await launchBrowser()
  t.after(async () => {
    await browser.close()
    server.close()
  })
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction('window.isReady === true')
  const largest: Record<string, number> = {}
  for (let from = 0; from < ROWS; from += ROWS_AT_ONCE) {
    const slice = sliceSample(sample, from, Math.min(ROWS, from + ROWS_AT_ONCE))
    const there = await page.evaluate(
      (feeds) => (globalThis as unknown as InPage).score(feeds),
      forPage(feedsOf(metadata.columns, slice)),
    )
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
