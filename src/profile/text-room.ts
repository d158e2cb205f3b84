import { CHUNK_ROWS, type Chunk, INLINE_BYTES } from '../engines/duckdb-vectors.ts'
import { type Kernel, larger } from './kernel.ts'

const ENTRY_BYTES = 16

/** The texts of a chunk in the kernel's memory, until the next are put there. */
export interface PlacedTexts {
  /** 16 bytes per row, as `placeTexts` of the kernel leaves them. */
  readonly entries: number
  /** The mask of rows with a text; 0 when none is null. */
  readonly valid: number
  /** Bytes of all texts are no more than this. */
  readonly bytes: number
}

/** Room in the kernel's memory for the texts of one chunk. */
export interface TextRoom {
  put(chunk: Chunk, column: number): PlacedTexts
  /** The texts of some rows of the chunk that was put there. */
  textsAt(rows: Uint32Array): string[]
}

/** Opens a room, which grows with what is put there. */
export function openTextRoom(kernel: Kernel): TextRoom {
  const entries = kernel.allocate(CHUNK_ROWS * ENTRY_BYTES)
  const mask = kernel.allocate(CHUNK_ROWS / 8)
  let long = { pointer: 0, size: 0 }
  return {
    put(chunk, column) {
      const raw = chunk.rawTexts(column)
      const valid = chunk.valid(column)
      const size = raw.long.reduce((sum, piece) => sum + piece.length, 0)
      if (size > long.size) long = { pointer: kernel.allocate(larger(size)), size: larger(size) }
      kernel.bytes(entries, raw.entries.length).set(raw.entries)
      if (valid) kernel.bytes(mask, valid.length).set(valid)
      let at = long.pointer
      for (const piece of raw.long) {
        kernel.bytes(at, piece.length).set(piece)
        at += piece.length
      }
      kernel.run.placeTexts(entries, valid ? mask : 0, chunk.rowCount, long.pointer)
      return { entries, valid: valid ? mask : 0, bytes: size + chunk.rowCount * INLINE_BYTES }
    },
    textsAt(rows) {
      return Array.from(rows, (row) => {
        const entry = entries + row * ENTRY_BYTES
        const [length, , place] = kernel.words(entry, 3) as unknown as [number, number, number]
        const bytes = kernel.bytes(length <= INLINE_BYTES ? entry + 4 : place, length)
        return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString()
      })
    },
  }
}
