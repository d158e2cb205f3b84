import { hash64 } from '../math/hash.ts'

/** The stable hash of a value as a 53-bit integer, whose low 32 bits are those that frequencies are levelled by. */
export function hash53(value: number | string): number {
  const { low, high } = hash64(value)
  return (high & 0x1fffff) * 2 ** 32 + low
}
