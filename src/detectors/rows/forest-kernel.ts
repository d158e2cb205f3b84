import type { EncodedRows } from './encoded-rows.ts'
import { forestKernelWasm } from './forest-kernel.wasm.ts'
import type { Forest } from './isolation-forest.ts'

/** Rows copied into the kernel's memory at a time: they stay in cache while all trees look at them. */
const ROWS_AT_ONCE = 256
const NODE_BYTES = 16
const PAGE = 65536

/** What the compiled kernel exports; pointers are byte offsets into its memory. See forest-kernel.assemblyscript.ts. */
interface ForestKernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  addPaths: AddPaths
  addPathsMissing: AddPaths
}

type AddPaths = (
  roots: number,
  trees: number,
  rows: number,
  stride: number,
  count: number,
  sums: number,
) => void

/** The part of WebAssembly used here: the compiler's libraries for servers do not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
}

let compiled: object | undefined

/** A forest in the memory of a kernel: scores many rows fast. */
export interface ForestScorer {
  /** The same scores as `scoreForest`, but for rounding in the seventh digit. Shape [rows]. */
  score(rows: Pick<EncodedRows, 'rows' | 'features'>): Float32Array
}

/** Lays a forest out in the memory of a kernel of its own. */
export function forestScorer(forest: Forest): ForestScorer {
  compiled ??= new WebAssembly.Module(Buffer.from(forestKernelWasm, 'base64'))
  const kernel = new WebAssembly.Instance(compiled, {}).exports as ForestKernel
  const trees = forest.roots.length - 1
  const nodes = 64
  const roots = nodes + (forest.feature.length + trees) * NODE_BYTES
  const rows = Math.ceil((roots + 4 * trees) / 64) * 64
  const sums = rows + ROWS_AT_ONCE * forest.width * 4
  const bytes = sums + ROWS_AT_ONCE * 4
  const missing = bytes - kernel.memory.buffer.byteLength
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE))
  layOut(forest, new DataView(kernel.memory.buffer), { nodes, roots })
  return { score: (batch) => scoreInKernel(kernel, forest, { roots, trees, rows, sums }, batch) }
}

/** Nodes of each tree breadth first, so that siblings are neighbours. */
function layOut(
  forest: Forest,
  memory: DataView,
  { nodes, roots }: { readonly nodes: number; readonly roots: number },
): void {
  let next = nodes
  for (let tree = 0; tree + 1 < forest.roots.length; tree++) {
    const queue: (readonly [node: number, address: number])[] = [[forest.roots[tree]!, next]]
    memory.setUint32(roots + 4 * tree, next, true)
    next += NODE_BYTES
    for (const [node, address] of queue) {
      const isLeaf = forest.feature[node]! < 0
      const offset = isLeaf ? 0 : forest.feature[node]! * 4 + (forest.missingLeft[node] === 1 ? 0 : 1)
      memory.setUint32(address, offset, true)
      memory.setFloat32(address + 4, isLeaf ? Infinity : forest.threshold[node]!, true)
      memory.setUint32(address + 8, isLeaf ? address : next, true)
      memory.setFloat32(address + 12, forest.depth[node]!, true)
      if (isLeaf) continue
      queue.push([forest.left[node]!, next], [forest.right[node]!, next + NODE_BYTES])
      next += 2 * NODE_BYTES
    }
  }
}

interface Layout {
  readonly roots: number
  readonly trees: number
  readonly rows: number
  readonly sums: number
}

function scoreInKernel(
  kernel: ForestKernel,
  { width, averagePath }: Forest,
  { roots, trees, rows, sums }: Layout,
  batch: Pick<EncodedRows, 'rows' | 'features'>,
): Float32Array {
  const block = new Float32Array(kernel.memory.buffer, rows, ROWS_AT_ONCE * width)
  const paths = new Float32Array(kernel.memory.buffer, sums, ROWS_AT_ONCE)
  const scores = new Float32Array(batch.rows)
  const scale = -1 / (trees * (averagePath || 1))
  for (let from = 0; from < batch.rows; from += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, batch.rows - from)
    const part = batch.features.subarray(from * width, (from + count) * width)
    block.set(part)
    paths.fill(0)
    if (part.some(Number.isNaN)) kernel.addPathsMissing(roots, trees, rows, width * 4, count, sums)
    else kernel.addPaths(roots, trees, rows, width * 4, Math.ceil(count / 8) * 8, sums)
    for (let i = 0; i < count; i++) scores[from + i] = 2 ** (paths[i]! * scale)
  }
  return scores
}
