const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/** The log-linear bucket of a finite double: sign, exponent and 6 bits of mantissa; −0 counts as 0. */
export function bucketOf(value: number): number {
  double[0] = value === 0 ? 0 : value
  return words[1]! >>> 14
}

/** The middle of a bucket: within 0.78 % of every value in it. */
export function bucketMiddle(bucket: number): number {
  words[0] = 0
  words[1] = (bucket << 14) | 0x2000
  return bucket === 0 ? 0 : double[0]!
}

/** Decimals of a finite number, 0, 1, 2, or 3 for three and more. */
export function decimalsOf(value: number): number {
  if (Number.isInteger(value)) return 0
  if (Math.round(value * 10) / 10 === value) return 1
  return Math.round(value * 100) / 100 === value ? 2 : 3
}

/** As `decimalsOf`, for a value that went through 32-bit floats: 0.1f has one decimal. */
export function decimalsOfSingle(value: number): number {
  if (Number.isInteger(value)) return 0
  if (Math.fround(Math.round(value * 10) / 10) === value) return 1
  return Math.fround(Math.round(value * 100) / 100) === value ? 2 : 3
}
