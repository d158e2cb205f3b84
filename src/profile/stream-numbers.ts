import type { ColumnProfile, Frequencies, NumberProfile, TimeProfile } from '../data/profile.ts'
import { CHUNK_ROWS, type Chunk } from '../engines/duckdb-vectors.ts'
import { fingerprintOfSum } from './column-profile.ts'
import type { Place } from './encode-rows.ts'
import { valueBudget } from './frequencies.ts'
import { type HashList, openHashList } from './hash-list.ts'
import type { Kernel } from './kernel.ts'
import { type KeyCounter, openKeyCounter } from './key-counter.ts'
import { capped, type Histogram, histogramOf } from './number-merge.ts'
import { bucketOf } from './number-shape.ts'
import { isWide, type Reading } from './reading.ts'
import type { ScanInput } from './scan.ts'
import { sliceChunks } from './slices.ts'
import { openTimeBins, type TimeBinCounter } from './time-bin-counter.ts'
import { listOf } from './values-at.ts'

const BUCKETS = 2 ** 18

/** Offsets of the state of a number column in the kernel's memory. */
const state = {
  count: 0,
  mean: 8,
  squares: 16,
  min: 24,
  max: 32,
  nonFinite: 40,
  unsafe: 44,
  decimals: 48,
  fingerprint: 64,
}
const STATE_BYTES = 128

/** Where a number column's stream lives in the kernel's memory. */
interface NumberStream {
  readonly kernel: Kernel
  /** Whether the values were single precision. */
  readonly isSingle: boolean
  readonly values: number
  readonly valid: number
  readonly identities: number
  readonly state: number
  readonly buckets: number
  readonly hashes: HashList
  readonly frequencies: KeyCounter
  readonly times: TimeBinCounter | null
}

/**
 * Profiles nearly unique number and time columns, read together, by streaming their values through the kernel.
 *
 * Integers beyond 2^53 are told apart by the engine's hash of them; their column is read a second time for it when met.
 */
export async function streamNumbers(
  input: ScanInput,
  readings: readonly Reading[],
  kernel: Kernel,
): Promise<ColumnProfile[]> {
  const expressions = readings.map((reading) => reading.value(reading.key))
  const rows = sliceChunks(input, expressions.join(', '))
  // Gone through once per column; those of one column need not be held.
  const chunks = readings.length > 1 ? await Array.fromAsync(rows) : rows
  const profiles: ColumnProfile[] = []
  for (const [value, reading] of readings.entries()) {
    const stream = { reading, chunks, place: { value, identity: null } }
    profiles.push(
      (await streamOne(input, stream, kernel)) ?? (await streamIdentities(input, reading, kernel)),
    )
  }
  return profiles
}

/** A column in some chunks. */
interface ColumnStream {
  readonly reading: Reading
  readonly chunks: Iterable<Chunk> | AsyncIterable<Chunk>
  readonly place: Place
}

async function streamIdentities(input: ScanInput, reading: Reading, kernel: Kernel): Promise<ColumnProfile> {
  const chunks = sliceChunks(input, `${reading.value(reading.key)}, hash(${reading.key})`)
  return (await streamOne(input, { reading, chunks, place: { value: 0, identity: 1 } }, kernel))!
}

/** Null when the values do not suffice to tell the integers apart. */
async function streamOne(
  input: ScanInput,
  { reading, chunks, place }: ColumnStream,
  kernel: Kernel,
): Promise<ColumnProfile | null> {
  const mark = kernel.mark()
  try {
    const numbers = openStream(input, reading, kernel)
    for await (const chunk of chunks) addChunk(numbers, chunk, place)
    const unsafe = kernel.words(numbers.state + state.unsafe, 1)[0]!
    const isTold = unsafe === 0 || !isWide(reading.column) || place.identity !== null
    return isTold ? profileOf(input, reading, numbers) : null
  } finally {
    kernel.release(mark)
  }
}

function openStream(input: ScanInput, reading: Reading, kernel: Kernel): NumberStream {
  const opened = {
    kernel,
    isSingle: reading.column.type === 'FLOAT',
    values: kernel.allocate(CHUNK_ROWS * 8),
    valid: kernel.allocate(CHUNK_ROWS / 8),
    identities: kernel.allocate(CHUNK_ROWS * 8),
    state: kernel.allocateZeroed(STATE_BYTES),
    buckets: kernel.allocateZeroed(BUCKETS * 4),
    times: reading.column.storage === 'time' ? openTimeBins(kernel) : null,
    hashes: openHashList(kernel, input.rows, (input.memoryMb * 2 ** 20) / 16),
    frequencies: openKeyCounter(kernel, valueBudget(input.found.length)),
  }
  kernel.doubles(opened.state + state.min, 2).set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  return opened
}

function addChunk(to: NumberStream, chunk: Chunk, { value, identity }: Place): void {
  const { kernel, frequencies } = to
  const hashes = to.hashes.room(chunk.rowCount)
  const valid = chunk.valid(value)
  if (valid) kernel.bytes(to.valid, valid.length).set(valid)
  kernel.doubles(to.values, chunk.rowCount).set(chunk.numbers(value))
  if (identity !== null) kernel.words(to.identities, 2 * chunk.rowCount).set(chunk.words(identity))
  const added = kernel.run.numbers(
    to.values,
    valid ? to.valid : 0,
    identity === null ? 0 : to.identities,
    chunk.rowCount,
    to.isSingle ? 1 : 0,
    to.state,
    to.buckets,
    frequencies.pointer,
    hashes,
  )
  to.hashes.wrote(added)
  frequencies.fit()
  to.times?.add(to.values, valid ? to.valid : 0, chunk.rowCount)
}

function profileOf(input: ScanInput, reading: Reading, from: NumberStream): ColumnProfile {
  const number = numberOf(from)
  const finite = from.kernel.doubles(from.state + state.count, 1)[0]!
  const valued = finite + number.nonFinite
  const [fingerprint] = from.kernel.longs(from.state + state.fingerprint, 1)
  return {
    column: reading.column,
    rows: input.rows,
    nulls: input.rows - valued,
    invalid: 0,
    distinct: from.hashes.count().distinct,
    frequencies: frequenciesOf(from),
    fingerprint: fingerprintOfSum(fingerprint!),
    number: valued > 0 ? number : null,
    time: from.times && finite > 0 ? timeOf(from.times, number) : null,
    text: null,
  }
}

/** The counted numbers in ascending order: what the kernel hashed, it can make again. */
function frequenciesOf({ kernel, frequencies: { pointer, size, level } }: NumberStream): Frequencies<number> {
  const values = kernel.allocate(size * 8)
  const counts = kernel.allocate(size * 4)
  kernel.run.countedNumbers(pointer, values)
  const ascending = kernel.doubles(values, size).sort()
  kernel.run.countsOfNumbers(pointer, values, size, counts)
  return { level, values: listOf(ascending), counts: listOf(kernel.words(counts, size)) }
}

function numberOf({ kernel, ...from }: NumberStream): NumberProfile {
  const [count, mean, squares, min, max] = kernel.doubles(from.state, 5)
  const decimals = [...kernel.words(from.state + state.decimals, 4)]
  const empty = count === 0
  return {
    min: empty ? 0 : min!,
    max: empty ? 0 : max!,
    mean: mean!,
    squares: capped(squares!),
    buckets: empty ? histogramOf([]) : bucketsBetween(kernel.words(from.buckets, BUCKETS), min!, max!),
    nonFinite: kernel.words(from.state + state.nonFinite, 1)[0]!,
    decimals: decimals as unknown as NumberProfile['decimals'],
  }
}

/** The histogram of numbers from `min` to `max`: what lies outside these buckets need not be looked at. */
function bucketsBetween(dense: Uint32Array, min: number, max: number): Histogram {
  const positive = max < 0 ? histogramOf([]) : histogramOf(dense, bucketOf(Math.max(0, min)), bucketOf(max))
  if (min >= 0) return positive
  const negative = histogramOf(dense, bucketOf(Math.min(-Number.MIN_VALUE, max)), bucketOf(min))
  return {
    index: positive.index.concat(negative.index),
    count: positive.count.concat(negative.count),
  }
}

const timeOf = (times: TimeBinCounter, { min, max }: NumberProfile): TimeProfile => ({
  min,
  max,
  ...times.counted(),
})
