import type { ColumnProfile, Frequencies, TextProfile } from '../data/profile.ts'
import { CHUNK_ROWS, type Chunk } from '../engines/duckdb-vectors.ts'
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
import { openTextRoom, type TextRoom } from './text-room.ts'
import { characterClasses, LONGEST_LENGTH, patternOf } from './text-shape.ts'

/** Offsets of the state of a text column in the kernel's memory. */
const state = { characters: 0, fingerprint: 40, kept: 48, fresh: 52 }
const STATE_BYTES = 64

/** Where a text column's stream lives in the kernel's memory. */
interface TextStream {
  readonly kernel: Kernel
  readonly room: TextRoom
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
    room: openTextRoom(kernel),
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
  const { entries, valid } = to.room.put(chunk, 0)
  const hashes = to.hashes.room(chunk.rowCount)
  const added = to.kernel.run.texts(
    entries,
    valid,
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
  namePatterns(to)
  offerTexts(to)
}

/** Texts of the rows whose numbers the kernel left at `rows`, as many as it says. */
const textsAt = ({ kernel, room, state }: TextStream, rows: number, count: number): string[] =>
  room.textsAt(kernel.words(rows, kernel.words(state + count, 1)[0]!))

function offerTexts(to: TextStream): void {
  for (const text of textsAt(to, to.kept, state.kept)) {
    const kept = shortened(text)
    if (kept === text || levelOf(levelHash(kept)) >= to.frequencies.level) to.frequencies.add(kept)
  }
}

function namePatterns(to: TextStream): void {
  const { patterns, names } = to
  for (const text of textsAt(to, to.fresh, state.fresh)) {
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
