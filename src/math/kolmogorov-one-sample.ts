import { logGamma } from './gamma.ts'

/**
 * P(Dₙ ≥ d): upper tail of the two-sided Kolmogorov–Smirnov distance of n ≥ 1 values to a known continuous law.
 *
 * Relative error below 1e-5, mostly far below (tested against SciPy's `kstwo.sf`).
 *
 * @see Simard and L'Ecuyer (2011), Computing the two-sided Kolmogorov–Smirnov distribution. JSS 39(11): which of the
 *   three methods to take where.
 */
export function oneSampleKsSf(d: number, n: number): number {
  if (d <= 0.5 / n) return 1
  if (d >= 1) return 0
  const square = n * d * d
  if (d >= 0.5 || square >= (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSidedSf(d, n))
  return 1 - (n <= 140 ? durbinCdf(d, n) : pelzGoodCdf(Math.sqrt(square), n))
}

/** P(Dₙ⁺ ≥ d). @see Birnbaum and Tingey (1951), Ann. Math. Stat. 22(4), eq. 3.0. */
function oneSidedSf(d: number, n: number): number {
  let sum = 0
  for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
    const base = 1 - d - j / n
    const last = j === n ? 0 : (n - j) * Math.log(base)
    if (base <= 0 && j < n) continue
    const choose = logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1)
    sum += Math.exp(choose + (j - 1) * Math.log(d + j / n) + last)
  }
  return d * sum
}

/** P(Dₙ < d) for small n. @see Marsaglia, Tsang and Wang (2003), JSS 8(18): Durbin's matrix to the power n. */
function durbinCdf(d: number, n: number): number {
  const k = Math.floor(n * d) + 1
  const power = matrixPower(durbinMatrix(k, k - n * d), n)
  let cdf = power[k - 1]![k - 1]!
  for (let i = 1; i <= n; i++) cdf *= i / n
  return cdf
}

function durbinMatrix(k: number, h: number): number[][] {
  const size = 2 * k - 1
  const edge = (i: number) => 1 - h ** (i + 1)
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => {
      if (i === size - 1 && j === 0) return 1 - 2 * h ** size + Math.max(0, 2 * h - 1) ** size
      if (j === 0) return edge(i)
      if (i === size - 1) return edge(size - 1 - j)
      return i - j + 1 >= 0 ? 1 : 0
    }),
  )
  return matrix.map((row, i) => row.map((value, j) => value / Math.exp(logGamma(Math.max(1, i - j + 2)))))
}

function matrixPower(matrix: number[][], exponent: number): number[][] {
  if (exponent === 1) return matrix
  const half = matrixPower(matrix, exponent >> 1)
  const square = multiply(half, half)
  return exponent % 2 === 0 ? square : multiply(square, matrix)
}

const multiply = (a: number[][], b: number[][]): number[][] =>
  a.map((row) => row.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)))

/** P(Dₙ < z/√n) with an error of order n⁻²; z below 1.5. @see Pelz and Good (1976), J. R. Stat. Soc. B 38(2). */
function pelzGoodCdf(z: number, n: number): number {
  const z2 = z * z
  const [z4, z6, z8] = [z2 ** 2, z2 ** 3, z2 ** 4]
  const pi2 = Math.PI ** 2
  const sums = [0, 0, 0, 0]
  for (let m = 1; m <= 31; m += 2) {
    const a = (pi2 * m * m) / 4
    const weight = Math.exp(-a / (2 * z2))
    sums[0]! += weight
    sums[1]! += weight * (a - z2)
    sums[2]! += weight * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * a + (1 - 2 * z2) * a * a)
    sums[3]! +=
      weight *
      (-30 * z6 -
        90 * z8 +
        (135 * z4 - 96 * z6) * a +
        (212 * z4 - 60 * z2) * a * a +
        (5 - 30 * z2) * a * a * a)
  }
  let [evenSecond, evenThird] = [0, 0]
  for (let k = 1; k <= 16; k++) {
    const weight = k * k * Math.exp((-pi2 * k * k) / (2 * z2))
    evenSecond += weight
    evenThird += weight * (3 * z2 - pi2 * k * k)
  }
  const root = Math.sqrt(2 * Math.PI)
  const second = (root * sums[2]!) / (72 * z ** 7) - (root * pi2 * evenSecond) / (36 * z ** 3)
  const third = (root * sums[3]!) / (6480 * z ** 10) + (root * pi2 * evenThird) / (216 * z6)
  const first = (root * sums[1]!) / (6 * z4)
  return (root * sums[0]!) / z + first / Math.sqrt(n) + second / n + third / n ** 1.5
}
