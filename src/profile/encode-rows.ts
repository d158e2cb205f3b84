import type { SampleColumn } from '../data/profile.ts'
import { type Chunk, type TextBytes, textDecoderOf } from '../engines/duckdb-vectors.ts'
import type { Kernel } from './kernel.ts'
import { isText, type Reading } from './reading.ts'
import { listOf } from './values-at.ts'

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
    return { column, codes: kernel.words(into.codes, rows).slice(), values }
  } finally {
    kernel.release(mark)
  }
}

/** Where the kernel makes the codes of a column. */
interface Codes {
  readonly kernel: Kernel
  readonly rows: number
  /** A code per row. */
  readonly codes: number
  /** Hash table of the distinct values: at most half full, since no row brings more than one. */
  readonly slots: number
  readonly wrap: number
  readonly valid: number
}

function openCodes(kernel: Kernel, rows: number): Codes {
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * rows)))
  return {
    kernel,
    rows,
    codes: kernel.allocate(rows * 4),
    slots: kernel.allocateZeroed(size * 4),
    wrap: size - 1,
    valid: kernel.allocate(CHUNK_ROWS / 8),
  }
}

/** Copies the mask of a chunk's rows to the kernel; 0 when no row is null. */
function putValid({ kernel, valid }: Codes, mask: Uint8Array | null): number {
  if (mask) kernel.bytes(valid, mask.length).set(mask)
  return mask ? valid : 0
}

function encodeNumbers(chunks: readonly Chunk[], place: Place, to: Codes): number[] {
  const { kernel, slots, wrap } = to
  const keys = kernel.allocate((to.rows + 1) * 8)
  const distinct = kernel.allocate(to.rows * 8)
  const given = kernel.allocate(CHUNK_ROWS * 8)
  const ids = place.identity === null ? 0 : kernel.allocate(CHUNK_ROWS * 8)
  let codes = to.codes
  let known = 0
  for (const chunk of chunks) {
    const { rowCount } = chunk
    const valid = putValid(to, chunk.valid(place.value))
    kernel.doubles(given, rowCount).set(chunk.numbers(place.value))
    if (place.identity !== null) kernel.words(ids, 2 * rowCount).set(chunk.words(place.identity))
    known = kernel.run.encodeNumbers(given, valid, ids, rowCount, slots, wrap, keys, distinct, known, codes)
    codes += 4 * rowCount
  }
  return listOf(kernel.doubles(distinct, known))
}

function encodeTexts(chunks: readonly Chunk[], place: Place, to: Codes): string[] {
  const { kernel, slots, wrap } = to
  const values: string[] = []
  const entries = kernel.allocate((to.rows + 1) * ENTRY_BYTES)
  const top = kernel.allocate(4)
  const room = openTextRoom(kernel)
  let codes = to.codes
  for (const chunk of chunks) {
    const { rowCount } = chunk
    const texts = chunk.textBytes(place.value)
    const valid = putValid(to, chunk.valid(place.value))
    const { bytes, starts, sizes } = room.put(texts)
    const free = room.reserve(texts.bytes.length)
    kernel.words(top, 1)[0] = free
    const before = values.length
    const known = kernel.run.encodeTexts(
      ...([bytes, starts, sizes, valid, rowCount, slots, wrap, entries, before, top, codes] as const),
    )
    const end = kernel.words(top, 1)[0]!
    room.used(end)
    const sizesAdded = kernel.words(entries + (before + 1) * ENTRY_BYTES, (known - before) * ENTRY_WORDS)
    appendTexts(values, kernel.bytes(free, end - free), sizesAdded)
    codes += 4 * rowCount
  }
  return values
}

/** An entry of the dictionary: hash, place and, in its last word, size. */
const ENTRY_WORDS = 4
const ENTRY_BYTES = 4 * ENTRY_WORDS

/** Adds the texts of entries that lie one behind the other in some bytes. */
function appendTexts(to: string[], bytes: Uint8Array, entries: Uint32Array): void {
  const decode = textDecoderOf(bytes)
  let start = 0
  for (let word = ENTRY_WORDS - 1; word < entries.length; word += ENTRY_WORDS) {
    const end = start + entries[word]!
    to.push(decode(start, end))
    start = end
  }
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
