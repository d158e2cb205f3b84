import type { SampleColumn } from '../data/profile.ts'
import type { Chunk, TextBytes } from '../engines/duckdb-vectors.ts'
import type { Kernel } from './kernel.ts'
import { isText, type Reading } from './reading.ts'

const CHUNK_ROWS = 2048

/** Where the value, and for integers beyond 2^53 their identity, stand in the chunks. */
export interface Place {
  readonly value: number
  readonly identity: number | null
}

/** Dictionary-codes one column of some chunks in the kernel; values are numbered by first appearance. */
export function encodeColumn(
  chunks: readonly Chunk[],
  reading: Reading,
  { place, rows, kernel }: { readonly place: Place; readonly rows: number; readonly kernel: Kernel },
): SampleColumn {
  const mark = kernel.mark()
  try {
    const into = openCodes(kernel, rows)
    const { column } = reading
    const values = isText(column) ? encodeTexts(chunks, place, into) : encodeNumbers(chunks, place, into)
    return { column, codes: into.codes, values }
  } finally {
    kernel.release(mark)
  }
}

/** The codes of a column, and where the kernel makes them. */
interface Codes {
  readonly kernel: Kernel
  readonly codes: Uint32Array
  /** Hash table of the distinct values: at most half full, since no row brings more than one. */
  readonly slots: number
  readonly wrap: number
  readonly valid: number
  readonly out: number
  readonly fresh: number
}

function openCodes(kernel: Kernel, rows: number): Codes {
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * rows)))
  return {
    kernel,
    codes: new Uint32Array(rows),
    slots: kernel.allocateZeroed(size * 4),
    wrap: size - 1,
    valid: kernel.allocate(CHUNK_ROWS / 8),
    out: kernel.allocate(CHUNK_ROWS * 4),
    fresh: kernel.allocate(CHUNK_ROWS * 4),
  }
}

/** Copies the mask of a chunk's rows to the kernel; 0 when no row is null. */
function putValid({ kernel, valid }: Codes, mask: Uint8Array | null): number {
  if (mask) kernel.bytes(valid, mask.length).set(mask)
  return mask ? valid : 0
}

/** Takes the codes of a chunk from the kernel; returns the rows of values met first there. */
function takeCodes(
  { kernel, codes, out, fresh }: Codes,
  { row, rowCount, added }: { readonly row: number; readonly rowCount: number; readonly added: number },
): Uint32Array {
  codes.set(kernel.words(out, rowCount), row)
  return kernel.words(fresh, added)
}

function encodeNumbers(chunks: readonly Chunk[], place: Place, to: Codes): number[] {
  const { kernel, slots, wrap, out, fresh } = to
  const values: number[] = []
  const keys = kernel.allocate((to.codes.length + 1) * 8)
  const given = kernel.allocate(CHUNK_ROWS * 8)
  const ids = place.identity === null ? 0 : kernel.allocate(CHUNK_ROWS * 8)
  let row = 0
  for (const chunk of chunks) {
    const { rowCount } = chunk
    const numbers = chunk.numbers(place.value)
    const valid = putValid(to, chunk.valid(place.value))
    kernel.doubles(given, rowCount).set(numbers)
    if (place.identity !== null) kernel.words(ids, 2 * rowCount).set(chunk.words(place.identity))
    const before = values.length
    const known = kernel.run.encodeNumbers(given, valid, ids, rowCount, slots, wrap, keys, before, out, fresh)
    for (const first of takeCodes(to, { row, rowCount, added: known - before }))
      values.push(numbers[first]! + 0)
    row += rowCount
  }
  return values
}

function encodeTexts(chunks: readonly Chunk[], place: Place, to: Codes): string[] {
  const { kernel, slots, wrap, out, fresh } = to
  const values: string[] = []
  const entries = kernel.allocate((to.codes.length + 1) * 16)
  const top = kernel.allocate(4)
  const room = openTextRoom(kernel)
  let row = 0
  for (const chunk of chunks) {
    const { rowCount } = chunk
    const texts = chunk.textBytes(place.value)
    const valid = putValid(to, chunk.valid(place.value))
    const { bytes, starts, sizes } = room.put(texts)
    const free = room.reserve(texts.bytes.length)
    kernel.words(top, 1)[0] = free
    const before = values.length
    const known = kernel.run.encodeTexts(
      ...([bytes, starts, sizes, valid, rowCount, slots, wrap, entries, before, top, out, fresh] as const),
    )
    room.used(kernel.words(top, 1)[0]!)
    const buffer = Buffer.from(texts.bytes.buffer, texts.bytes.byteOffset, texts.bytes.byteLength)
    for (const first of takeCodes(to, { row, rowCount, added: known - before })) {
      const start = texts.starts[first]!
      values.push(buffer.toString('utf8', start, start + texts.lengths[first]!))
    }
    row += rowCount
  }
  return values
}

/** Bytes taken at once for the texts of a dictionary. */
const ROOM_BYTES = 2 ** 16

/** Room in the kernel's memory for the texts of a chunk, and for those of the dictionary. */
function openTextRoom(kernel: Kernel): {
  /** Where so many bytes of the dictionary may be written. */
  reserve(bytes: number): number
  /** Tells up to where they were. */
  used(end: number): void
  put(texts: TextBytes): { readonly bytes: number; readonly starts: number; readonly sizes: number }
} {
  const starts = kernel.allocate(CHUNK_ROWS * 4)
  const sizes = kernel.allocate(CHUNK_ROWS * 4)
  let given = { pointer: 0, size: 0 }
  let kept = { top: 0, end: 0 }
  const larger = (bytes: number): number => Math.max(ROOM_BYTES, 2 * bytes)
  return {
    reserve(bytes) {
      if (kept.top + bytes > kept.end) {
        const top = kernel.allocate(larger(bytes))
        kept = { top, end: top + larger(bytes) }
      }
      return kept.top
    },
    used(end) {
      kept.top = end
    },
    put(texts) {
      const size = texts.bytes.length
      if (size > given.size) given = { pointer: kernel.allocate(larger(size)), size: larger(size) }
      kernel.bytes(given.pointer, size).set(texts.bytes)
      kernel.words(starts, texts.starts.length).set(texts.starts)
      kernel.words(sizes, texts.lengths.length).set(texts.lengths)
      return { bytes: given.pointer, starts, sizes }
    },
  }
}
