import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Tensors } from '../src/onnx/session.ts'
import { launchBrowser } from './browser.ts'

const dist = path.join(import.meta.dirname, '../node_modules/onnxruntime-web/dist')
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

/** A row model loaded by onnxruntime-web in a page of a real browser. Close it. */
export interface ModelInBrowser {
  /** Outputs by name: `score`, `member_scores`, `column_scores`. */
  score(feeds: Tensors): Promise<Record<string, number[]>>
  close(): Promise<void>
}

/** Serves the file to a browser, and loads it there. */
export async function openInBrowser(file: Uint8Array): Promise<ModelInBrowser> {
  const { server, url } = await serve(file)
  const browser = await launchBrowser()
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction('window.isReady === true')
  return {
    score: (feeds) => page.evaluate((sent) => (globalThis as unknown as InPage).score(sent), forPage(feeds)),
    async close() {
      await browser.close()
      server.close()
    },
  }
}
