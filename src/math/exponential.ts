/**
 * Natural exponential and logarithm from the four operations alone.
 *
 * `Math.exp` and `Math.log` may differ in the last bit between engines; decisions that must replay bit for bit on any
 * machine use these instead. Within 2 units in the last place of the true value.
 */

const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)
// The order of the two words of a double depends on the machine.
float[0] = 1
const HIGH = words[1] === 0x3ff00000 ? 1 : 0

/** Coefficients 1/n! of the Taylor series of exp, n = 13…0: enough for |x| ≤ ln 2 / 2. */
const EXP_SERIES = Float64Array.from({ length: 14 }, (_, i) => {
  let factorial = 1
  for (let n = 2; n <= 13 - i; n++) factorial *= n
  return 1 / factorial
})

/** 2 to an integer power in [−1022, 1023]. */
function powerOfTwo(exponent: number): number {
  words[HIGH] = (exponent + 1023) << 20
  words[1 - HIGH] = 0
  return float[0]!
}

/** e to the power x, for any x; 0 below −745.2, Infinity above 709.8, NaN for NaN. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x > 709.8) return Number.POSITIVE_INFINITY
  if (x < -745.2) return 0
  const k = Math.round(x / Math.LN2)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  let sum = 0
  for (let i = 0; i < EXP_SERIES.length; i++) sum = sum * r + EXP_SERIES[i]!
  // Two factors, because 2^k itself leaves the range of normal doubles at both ends.
  const half = k >> 1
  return sum * powerOfTwo(half) * powerOfTwo(k - half)
}

/** Natural logarithm; −Infinity at 0, NaN below 0 and for NaN. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  const scaled = x < 2.2250738585072014e-308
  float[0] = scaled ? x * 2 ** 54 : x
  let k = (words[HIGH]! >>> 20) - 1023 - (scaled ? 54 : 0)
  words[HIGH] = (words[HIGH]! & 0xfffff) | 0x3ff00000
  let mantissa = float[0]!
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    k += 1
  }
  return k * LN2_HIGH + (lnNearOne(mantissa) + k * LN2_LOW)
}

/** ln m = 2 artanh((m − 1)/(m + 1)), for m in [√½, √2]: a series in s² ≤ 0.0295. */
function lnNearOne(mantissa: number): number {
  const f = mantissa - 1
  const s = f / (mantissa + 1)
  const square = s * s
  let sum = 0
  for (let n = 23; n >= 3; n -= 2) sum = (sum + 1 / n) * square
  // f − s·f = 2s exactly in real numbers, but keeps the rounding of s out of the leading term.
  return f - s * (f - 2 * sum)
}
