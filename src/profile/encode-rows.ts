import type { SampleColumn } from '../data/profile.ts'
import { CHUNK_ROWS, type Chunk, textDecoderOf } from '../engines/duckdb-vectors.ts'
import { type Kernel, larger } from './kernel.ts'
import { isText, type Reading } from './reading.ts'
import { openTextRoom } from './text-room.ts'
import { listOf } from './values-at.ts'

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
  const dictionary = kernel.allocate((to.rows + 1) * ENTRY_BYTES)
  const top = kernel.allocate(4)
  const room = openTextRoom(kernel)
  const reserve = openReserve(kernel)
  let codes = to.codes
  let end = 0
  for (const chunk of chunks) {
    const { entries, valid, bytes } = room.put(chunk, place.value)
    const free = reserve(end, bytes)
    kernel.words(top, 1)[0] = free
    const before = values.length
    const known = kernel.run.encodeTexts(
      ...([entries, valid, chunk.rowCount, slots, wrap, dictionary, before, top, codes] as const),
    )
    end = kernel.words(top, 1)[0]!
    const added = kernel.words(dictionary + (before + 1) * ENTRY_BYTES, (known - before) * ENTRY_WORDS)
    appendTexts(values, kernel.bytes(free, end - free), added)
    codes += 4 * chunk.rowCount
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

/** Gives room for so many bytes: from `used` on while the last room has them, else in a new one. */
function openReserve(kernel: Kernel): (used: number, bytes: number) => number {
  let limit = 0
  return (used, bytes) => {
    if (used + bytes <= limit) return used
    const start = kernel.allocate(larger(bytes))
    limit = start + larger(bytes)
    return start
  }
}
