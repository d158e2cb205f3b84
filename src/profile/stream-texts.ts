import type { ColumnProfile, Frequencies, TextProfile } from '../data/profile.ts'
import type { Chunk, TextBytes } from '../engines/duckdb-vectors.ts'
import { hash64, hex64, levelOf } from '../math/hash.ts'
import { charactersOf, fingerprintOfSum } from './column-profile.ts'
import { levelHash, limited, patternBudget, shortened, valueBudget } from './frequencies.ts'
import { type HashList, maskOf, openHashList } from './hash-list.ts'
import { type KeptTexts, keepTexts } from './kept-texts.ts'
import type { Kernel } from './kernel.ts'
import { type KeyCounter, openKeyCounter } from './key-counter.ts'
import { histogramOf } from './number-merge.ts'
import type { Reading } from './reading.ts'
import type { ScanInput } from './scan.ts'
import { sliceChunks } from './slices.ts'
import { characterClasses, LONGEST_LENGTH, patternOf } from './text-shape.ts'

const CHUNK_ROWS = 2048

/** Offsets of the state of a text column in the kernel's memory. */
const state = { characters: 0, fingerprint: 40, kept: 48, fresh: 52 }
const STATE_BYTES = 64

/** Where a text column's stream lives in the kernel's memory. */
interface TextStream {
  readonly kernel: Kernel
  /** Room for the bytes of a chunk's texts, moved when one needs more. */
  bytes: { pointer: number; size: number }
  readonly starts: number
  readonly sizes: number
  readonly valid: number
  readonly state: number
  readonly lengths: number
  readonly kept: number
  readonly fresh: number
  readonly hashes: HashList
  readonly frequencies: KeptTexts
  readonly patterns: KeyCounter
  /** Patterns met so far, by their hashes. */
  readonly names: Map<string, string>
}

/** Profiles a nearly unique text column by streaming its UTF-8 bytes through the kernel. */
export async function streamTexts(
  input: ScanInput,
  reading: Reading,
  kernel: Kernel,
): Promise<ColumnProfile> {
  const mark = kernel.mark()
  try {
    const texts = openStream(input, kernel)
    for await (const chunk of sliceChunks(input, reading.value(reading.key))) addChunk(texts, chunk)
    return profileOf(input, reading, texts)
  } finally {
    kernel.release(mark)
  }
}

function openStream(input: ScanInput, kernel: Kernel): TextStream {
  return {
    kernel,
    bytes: { pointer: 0, size: 0 },
    starts: kernel.allocate(CHUNK_ROWS * 4),
    sizes: kernel.allocate(CHUNK_ROWS * 4),
    valid: kernel.allocate(CHUNK_ROWS / 8),
    state: kernel.allocateZeroed(STATE_BYTES),
    lengths: kernel.allocateZeroed((LONGEST_LENGTH + 1) * 4),
    kept: kernel.allocate(CHUNK_ROWS * 4),
    fresh: kernel.allocate(CHUNK_ROWS * 4),
    patterns: openKeyCounter(kernel, patternBudget(input.found.length)),
    names: new Map(),
    hashes: openHashList(kernel, input.rows, (input.memoryMb * 2 ** 20) / 16),
    frequencies: keepTexts(valueBudget(input.found.length)),
  }
}

function addChunk(to: TextStream, chunk: Chunk): void {
  const texts = chunk.textBytes(0)
  copyIn(to, texts, chunk.valid(0))
  const hashes = to.hashes.room(chunk.rowCount)
  const added = to.kernel.run.texts(
    to.bytes.pointer,
    to.starts,
    to.sizes,
    chunk.valid(0) ? to.valid : 0,
    chunk.rowCount,
    to.state,
    to.lengths,
    maskOf(to.frequencies.level),
    hashes,
    to.kept,
    to.patterns.pointer,
    to.fresh,
  )
  to.hashes.wrote(added)
  namePatterns(to, texts)
  offerTexts(to, texts)
}

function copyIn(to: TextStream, { bytes, starts, lengths }: TextBytes, valid: Uint8Array | null): void {
  const { kernel } = to
  if (bytes.length > to.bytes.size) {
    const size = 2 * bytes.length
    to.bytes = { pointer: kernel.allocate(size), size }
  }
  kernel.bytes(to.bytes.pointer, bytes.length).set(bytes)
  kernel.words(to.starts, starts.length).set(starts)
  kernel.words(to.sizes, lengths.length).set(lengths)
  if (valid) kernel.bytes(to.valid, valid.length).set(valid)
}

/** Texts of the rows whose numbers the kernel left at `pointer`. */
function textsAt(
  to: TextStream,
  texts: TextBytes,
  list: { readonly pointer: number; readonly size: number },
): string[] {
  const buffer = Buffer.from(texts.bytes.buffer, texts.bytes.byteOffset, texts.bytes.byteLength)
  const rows = to.kernel.words(list.pointer, list.size)
  return Array.from(rows, (row) => {
    const start = texts.starts[row]!
    return buffer.toString('utf8', start, start + texts.lengths[row]!)
  })
}

function offerTexts(to: TextStream, texts: TextBytes): void {
  const size = to.kernel.words(to.state + state.kept, 1)[0]!
  for (const text of textsAt(to, texts, { pointer: to.kept, size })) {
    const kept = shortened(text)
    if (kept === text || levelOf(levelHash(kept)) >= to.frequencies.level) to.frequencies.add(kept)
  }
}

function namePatterns(to: TextStream, texts: TextBytes): void {
  const { kernel, patterns, names } = to
  const size = kernel.words(to.state + state.fresh, 1)[0]!
  for (const text of textsAt(to, texts, { pointer: to.fresh, size })) {
    const pattern = patternOf(text)
    names.set(keyOf(pattern), pattern)
  }
  const { level } = patterns
  patterns.fit()
  if (patterns.level > level)
    for (const [key, pattern] of names) if (levelOf(levelHash(pattern)) < patterns.level) names.delete(key)
}

const keyOf = (pattern: string): string => {
  const { low, high } = hash64(pattern)
  return hex64(low, high)
}

function profileOf(input: ScanInput, reading: Reading, from: TextStream): ColumnProfile {
  const text = textOf(from, input.found.length)
  const valued = text.lengths.count.reduce((a, b) => a + b, 0)
  const [fingerprint] = from.kernel.longs(from.state + state.fingerprint, 1)
  return {
    column: reading.column,
    rows: input.rows,
    nulls: input.rows - valued,
    invalid: 0,
    distinct: from.hashes.count().distinct,
    frequencies: from.frequencies.frequencies(),
    fingerprint: fingerprintOfSum(fingerprint!),
    number: null,
    time: null,
    text: valued > 0 ? text : null,
  }
}

function textOf(from: TextStream, columnCount: number): TextProfile {
  const lengths = from.kernel.words(from.lengths, LONGEST_LENGTH + 1)
  const { index, count } = histogramOf(lengths)
  const classes = from.kernel.longs(from.state + state.characters, characterClasses.length)
  return {
    empty: lengths[0]!,
    lengths: { length: index, count },
    characters: charactersOf(Array.from(classes, Number)),
    patterns: patternsOf(from, columnCount),
  }
}

function patternsOf({ patterns, names }: TextStream, columnCount: number): Frequencies<string> {
  const counts = new Map<string, number>()
  for (const [low, high, count] of patterns.entries()) counts.set(names.get(hex64(low, high))!, count)
  return limited(counts, patternBudget(columnCount), { start: patterns.level })
}
