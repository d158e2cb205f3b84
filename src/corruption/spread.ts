import type { SampleColumn } from '../data/profile.ts'

/** Mean, standard deviation and quartiles of the finite numbers of a column; zeros when it has none. */
export function spreadOf({ codes, values }: SampleColumn): {
  readonly mean: number
  readonly deviation: number
  readonly low: number
  readonly high: number
} {
  const numbers = Float64Array.from(
    codes.filter((code) => code > 0),
    (code) => values[code - 1] as number,
  )
    .filter(Number.isFinite)
    .sort()
  if (numbers.length === 0) return { mean: 0, deviation: 0, low: 0, high: 0 }
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const deviation = Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length)
  return {
    mean,
    deviation,
    low: numbers[Math.floor(0.25 * (numbers.length - 1))]!,
    high: numbers[Math.ceil(0.75 * (numbers.length - 1))]!,
  }
}
