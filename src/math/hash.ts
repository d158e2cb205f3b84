/** A 64-bit hash as two unsigned 32-bit halves. */
export interface Hash64 {
  readonly low: number
  readonly high: number
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/** Bijective scrambling of 32 bits: the finaliser of MurmurHash3 (Appleby 2011). */
function mix32(bits: number): number {
  let x = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}

/** Four Feistel rounds over `mix32`: bijective on 64 bits, and cheap where only 32-bit products are. */
function scramble(low: number, high: number, out: Uint32Array, at: number): void {
  const high1 = high ^ mix32(low ^ 0x9e3779b9)
  const low1 = low ^ mix32(high1 ^ 0x7f4a7c15)
  const high2 = high1 ^ mix32(low1 ^ 0xf39cc060)
  out[at] = low1 ^ mix32(high2 ^ 0x5cedc834)
  out[at + 1] = high2
}

/**
 * Writes the stable hash of a double as two words, low then high, at `out[at]`.
 *
 * Bijective: two doubles share a hash only when equal. −0 hashes as 0, and all NaN alike. Part of the stored format:
 * it never changes.
 */
export function hashNumber(value: number, out: Uint32Array, at: number): void {
  double[0] = value
  let low = words[0]!
  let high = words[1]!
  if (value === 0) high = 0
  else if (Number.isNaN(value)) {
    low = 0
    high = 0x7ff80000
  }
  scramble(low, high, out, at)
}

/**
 * Writes the stable hash of a text (its UTF-16 code units) as two words, low then high, at `out[at]`.
 *
 * Not for adversaries: whoever chooses the texts can make them collide. Part of the stored format: it never changes.
 */
export const hashText = (text: string, out: Uint32Array, at: number): void =>
  hashUnits(text, 0, text.length, -1, out, at)

/** Part of a text, from `start` up to `end`; the character at `blank`, where given, counts as U+0000. */
export interface TextSlice {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly blank?: number
}

/** As `hashText` of a slice, without cutting it out. */
export const hashSlice = ({ text, start, end, blank = -1 }: TextSlice, out: Uint32Array, at: number): void =>
  hashUnits(text, start, end, blank, out, at)

function hashUnits(
  text: string,
  start: number,
  end: number,
  blank: number,
  out: Uint32Array,
  at: number,
): void {
  let low = 0x243f6a88
  let high = 0x85a308d3
  for (let i = start; i < end; i++) {
    const unit = i === blank ? 0 : text.charCodeAt(i)
    low = Math.imul(low ^ unit, 0x9e3779b1)
    low ^= low >>> 15
    high = Math.imul(high ^ unit, 0x85ebca77)
    high ^= high >>> 13
  }
  scramble(low ^ (end - start), high, out, at)
}

/** The stable hash of one value, for callers that need few. */
export function hash64(value: number | string): Hash64 {
  const out = new Uint32Array(2)
  if (typeof value === 'number') hashNumber(value, out, 0)
  else hashText(value, out, 0)
  return { low: out[0]!, high: out[1]! }
}

/** Zero bits at the end of the low half, 0–32: the highest sampling level at which the value is still kept. */
export const levelOf = (low: number): number => (low === 0 ? 32 : 31 - Math.clz32(low & -low))

/** Eight hex digits of 32 bits. */
export const hex32 = (bits: number): string => (bits >>> 0).toString(16).padStart(8, '0')

/** Sixteen hex digits of 64 bits. */
export const hex64 = (low: number, high: number): string => hex32(high) + hex32(low)
