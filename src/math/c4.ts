import { logGamma } from './gamma.ts'

/**
 * E[s]/σ of n ≥ 2 normal values: divide a sample standard deviation by it for an unbiased estimate of σ.
 *
 * @see Montgomery (2009), Introduction to Statistical Quality Control, appendix VI: √(2/(n−1))·Γ(n/2)/Γ((n−1)/2).
 */
export const c4 = (n: number): number =>
  n < 2 ? Number.NaN : Math.sqrt(2 / (n - 1)) * Math.exp(logGamma(n / 2) - logGamma((n - 1) / 2))
