import { findRoot } from './find-root.ts'
import { gammaQ } from './gamma.ts'

/**
 * Exact interval for the mean of a Poisson count: the means not rejected by either tail.
 *
 * @param count - Events seen, a whole number ≥ 0.
 * @param confidence - In (0, 1), default 0.95.
 * @see Garwood (1936), Fiducial limits for the Poisson distribution. Biometrika 28.
 */
export function poissonInterval(count: number, confidence = 0.95): readonly [low: number, high: number] {
  const tail = (1 - confidence) / 2
  // P(X ≤ c | mean) = Q(c + 1, mean).
  const meanWhere = (c: number, chance: number) =>
    findRoot((mean) => gammaQ(c + 1, mean) - chance, 0, c + 40 + 12 * Math.sqrt(c + 1), 1e-10)
  return [count === 0 ? 0 : meanWhere(count - 1, 1 - tail), meanWhere(count, tail)]
}
