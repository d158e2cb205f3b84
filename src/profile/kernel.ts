import { kernelWasm } from './kernel.wasm.ts'

/** What the compiled kernel exports; pointers are byte offsets into its memory. See kernel.assemblyscript.ts. */
interface KernelFunctions {
  numbers(
    values: number,
    valid: number,
    identities: number,
    count: number,
    single: number,
    state: number,
    buckets: number,
    counter: number,
    hashes: number,
  ): number
  bins(
    values: number,
    valid: number,
    from: number,
    count: number,
    width: number,
    keys: number,
    counts: number,
    slots: number,
    used: number,
    limit: number,
  ): number
  coarsen(keys: number, counts: number, slots: number, toKeys: number, toCounts: number, used: number): void
  placeTexts(entries: number, valid: number, count: number, long: number): void
  texts(
    entries: number,
    valid: number,
    count: number,
    state: number,
    lengths: number,
    mask: number,
    hashes: number,
    kept: number,
    patterns: number,
    fresh: number,
  ): number
  prune(counter: number, mask: number, toKeys: number, toCounts: number): void
  countedNumbers(counter: number, values: number): void
  countsOfNumbers(counter: number, values: number, size: number, out: number): void
  filter(from: number, to: number, count: number, mask: number): number
  scatter(from: number, to: number, count: number, bits: number, offsets: number): number
  distinct(
    sorted: number,
    parts: number,
    offsets: number,
    keys: number,
    counts: number,
    slots: number,
  ): number
  encodeNumbers(
    values: number,
    valid: number,
    identities: number,
    count: number,
    slots: number,
    wrap: number,
    keys: number,
    distinct: number,
    known: number,
    codes: number,
  ): number
  encodeTexts(
    entries: number,
    valid: number,
    count: number,
    slots: number,
    wrap: number,
    dictionary: number,
    known: number,
    top: number,
    codes: number,
  ): number
}

/** A live instance of the kernel with memory of its own, freed with it. */
export interface Kernel {
  readonly run: KernelFunctions
  /** Reserves bytes, aligned to 64; what they hold is anybody's. */
  allocate(bytes: number): number
  /** Reserves bytes that are zero. */
  allocateZeroed(bytes: number): number
  /** Bytes the instance holds on to. */
  size(): number
  /** Where the next reservation begins. */
  mark(): number
  /** Gives back everything reserved since the mark. */
  release(mark: number): void
  /** Views of the memory: valid until the next `allocate`. */
  bytes(pointer: number, length: number): Uint8Array
  words(pointer: number, length: number): Uint32Array
  doubles(pointer: number, length: number): Float64Array
  longs(pointer: number, length: number): BigUint64Array
}

/** The part of WebAssembly used here: the compiler's libraries for servers do not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
}

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

const PAGE = 65536

/** Bytes to take for what needs so many now, and may need more soon. */
export const larger = (bytes: number): number => Math.max(PAGE, 2 * bytes)

let compiled: object | undefined

/** An instance of the kernel; compiled once per process. */
export function openKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelWasm, 'base64'))
  const { exports } = new WebAssembly.Instance(compiled, {})
  const run = exports as KernelFunctions & { readonly memory: Memory }
  return { run, ...arena(run.memory) }
}

/** A larger instance is given back to the system after its work. */
const KEPT_BYTES = 2 ** 27
let idle: Kernel | undefined

/**
 * Lends an instance to some work, and keeps it for the next while it is small.
 *
 * Memory taken anew for every batch costs a fifth of a profile, in faults and in collections it sets off.
 */
export async function withKernel<Result>(work: (kernel: Kernel) => Promise<Result>): Promise<Result> {
  const kernel = idle ?? openKernel()
  idle = undefined
  const mark = kernel.mark()
  try {
    return await work(kernel)
  } finally {
    kernel.release(mark)
    if (kernel.size() <= KEPT_BYTES) idle = kernel
  }
}

function arena(memory: Memory): Omit<Kernel, 'run'> {
  let top = 64
  const allocate = (bytes: number): number => {
    const pointer = top
    top += Math.ceil(bytes / 64) * 64
    const missing = top - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
    return pointer
  }
  return {
    allocate,
    allocateZeroed(bytes) {
      const pointer = allocate(bytes)
      new Uint8Array(memory.buffer, pointer, bytes).fill(0)
      return pointer
    },
    size: () => memory.buffer.byteLength,
    mark: () => top,
    release(mark) {
      top = mark
    },
    bytes: (pointer, length) => new Uint8Array(memory.buffer, pointer, length),
    words: (pointer, length) => new Uint32Array(memory.buffer, pointer, length),
    doubles: (pointer, length) => new Float64Array(memory.buffer, pointer, length),
    longs: (pointer, length) => new BigUint64Array(memory.buffer, pointer, length),
  }
}
