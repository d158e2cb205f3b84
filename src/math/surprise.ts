import { exp, ln } from './exponential.ts'

/** No surprise, and no score made of surprises, exceeds this many nats: what a synthetic worst batch would reach. */
export const SURPRISE_CAP = 40

/** Surprises up to here are kept as they are. */
const KNEE = 20

/**
 * Compresses surprises above 20 nats toward the cap of 40, keeping their order and, at the knee, their slope.
 *
 * An extrapolated tail of e⁻²⁰ is no longer a probability, only an order; compressing rather than clipping leaves no
 * ties, so that a table whose normal days reach high can still tell a worse one.
 */
export function capSurprise(nats: number): number {
  if (!(nats > KNEE)) return Math.max(0, nats)
  const room = SURPRISE_CAP - KNEE
  return SURPRISE_CAP - room * exp((KNEE - nats) / room)
}

/** Inverse of `capSurprise`: Infinity from the cap on. */
export function uncapSurprise(capped: number): number {
  if (capped <= KNEE) return capped
  if (capped >= SURPRISE_CAP) return Number.POSITIVE_INFINITY
  const room = SURPRISE_CAP - KNEE
  return KNEE - room * ln((SURPRISE_CAP - capped) / room)
}
