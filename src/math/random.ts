import { ln } from './exponential.ts'

/** Uniform draws in [0, 1). */
export type Random = () => number

/** Spreads a seed over 32 bits, character by character (Murmur3's finaliser between them). */
function seedState(seed: number | string): () => number {
  let h = 1779033703
  for (const character of String(seed)) h = mix(h ^ character.codePointAt(0)!)
  return () => (h = mix((h + 0x9e3779b9) | 0))
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/**
 * A generator of uniform draws in [0, 1) with 53 random bits: same seed, same draws, on every machine.
 *
 * Not for secrets. The seeds 1 and '1' are the same.
 *
 * @see Doty-Humphrey (2010), sfc32, in PractRand; its first 15 words are discarded.
 */
export function random(seed: number | string): Random {
  const next = seedState(seed)
  let a = next()
  let b = next()
  let c = next()
  let counter = 1
  const word = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 15; i++) word()
  return () => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992
}

/** One standard normal draw (Marsaglia's polar method; the second of the pair is thrown away, so it holds no state). */
export function randomNormal(draw: Random): number {
  for (;;) {
    const u = 2 * draw() - 1
    const v = 2 * draw() - 1
    const square = u * u + v * v
    if (square > 0 && square < 1) return u * Math.sqrt((-2 * ln(square)) / square)
  }
}

/** A whole number in [low, high), each equally likely; `high` − `low` < 2⁵³. */
export const randomInteger = (draw: Random, low: number, high: number): number =>
  low + Math.floor(draw() * (high - low))

/** A copy in random order (Fisher–Yates). */
export function shuffled<T>(values: readonly T[], draw: Random): T[] {
  const result = [...values]
  for (let i = result.length - 1; i > 0; i--) {
    const j = randomInteger(draw, 0, i + 1)
    ;[result[i], result[j]] = [result[j]!, result[i]!]
  }
  return result
}

/**
 * `count` different whole numbers of [0, size), in ascending order, every subset equally likely.
 *
 * Asks for min(count, size); its cost is linear in `count`, whatever the size.
 *
 * @see Floyd (1987), in Bentley, Programming Pearls: a sample of brilliance. CACM 30(9).
 */
export function sampleWithoutReplacement(size: number, count: number, draw: Random): Float64Array {
  const chosen = new Set<number>()
  for (let i = Math.max(0, size - count); i < size; i++) {
    const candidate = randomInteger(draw, 0, i + 1)
    chosen.add(chosen.has(candidate) ? i : candidate)
  }
  return Float64Array.from(chosen).sort()
}
