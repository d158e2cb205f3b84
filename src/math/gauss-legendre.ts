/** Points and weights of a quadrature rule: ∫f ≈ Σ weights[i]·f(nodes[i]). */
export interface Quadrature {
  readonly nodes: Float64Array
  readonly weights: Float64Array
}

/**
 * Gauss–Legendre rule with `count` ≥ 1 nodes on [low, high]: exact for polynomials of degree 2·count − 1.
 *
 * @see Abramowitz and Stegun (1964), 25.4.29–30; nodes by Newton's method on Legendre's recurrence.
 */
export function gaussLegendre(count: number, low = -1, high = 1): Quadrature {
  const nodes = new Float64Array(count)
  const weights = new Float64Array(count)
  const half = (high - low) / 2
  for (let i = 0; i < count; i++) {
    const { root, slope } = legendreRoot(count, Math.cos((Math.PI * (i + 0.75)) / (count + 0.5)))
    nodes[count - 1 - i] = low + half * (1 + root)
    weights[count - 1 - i] = (2 * half) / ((1 - root * root) * slope * slope)
  }
  return { nodes, weights }
}

function legendreRoot(degree: number, guess: number): { root: number; slope: number } {
  let root = guess
  for (let step = 0; step < 20; step++) {
    const { value, slope } = legendre(degree, root)
    const next = root - value / slope
    if (Math.abs(next - root) < 1e-16) break
    root = next
  }
  return { root, slope: legendre(degree, root).slope }
}

/** Legendre polynomial and its derivative at x in (−1, 1). */
function legendre(degree: number, x: number): { value: number; slope: number } {
  let previous = 0
  let value = 1
  for (let n = 0; n < degree; n++) {
    const next = ((2 * n + 1) * x * value - n * previous) / (n + 1)
    previous = value
    value = next
  }
  return { value, slope: (degree * (x * value - previous)) / (x * x - 1) }
}
