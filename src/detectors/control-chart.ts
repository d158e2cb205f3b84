import { c4 } from '../math/c4.ts'
import { MAD_TO_SIGMA, median, medianAbsoluteDeviation } from '../math/robust.ts'
import { defineDetector } from './detector.ts'

const SPREADS = ['mad', 'moving-range', 'standard-deviation'] as const
/** How a chart's standard deviation is estimated from past values. */
export type SpreadEstimate = (typeof SPREADS)[number]

/** The parameter every chart shares. */
export const spreadParam = {
  kind: 'choice',
  default: 'mad',
  choices: SPREADS,
  about:
    'How the spread is estimated: the median absolute deviation ignores outliers of the past, moving ranges ignore its trends, the standard deviation is best when it has neither.',
} as const

/** E|x₂ − x₁|/σ of two normal values. */
const D2_OF_TWO = 1.128379167095513
/** Keeps scores finite after a constant past: the spread is at least this part of the centre's size (or of 1). */
const SMALLEST_RELATIVE_SPREAD = 1e-9

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length

function sigmaOf(values: readonly number[], spread: SpreadEstimate): number {
  if (spread === 'mad') return MAD_TO_SIGMA * medianAbsoluteDeviation(values)
  if (spread === 'moving-range')
    return mean(values.slice(1).map((x, i) => Math.abs(x - values[i]!))) / D2_OF_TWO
  const center = mean(values)
  const squares = values.reduce((sum, x) => sum + (x - center) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1)) / c4(values.length)
}

/** Centre and standard deviation of past values; the median is the centre when the spread is robust. */
export function centerAndSigma(
  past: readonly number[],
  spread: SpreadEstimate,
): { readonly center: number; readonly sigma: number } {
  const center = spread === 'mad' ? median(past) : mean(past)
  const smallest = SMALLEST_RELATIVE_SPREAD * Math.max(1, Math.abs(center))
  return { center, sigma: Math.max(sigmaOf(past, spread), smallest) }
}

/**
 * Each value by itself against centre ± limit·σ.
 *
 * Right for large sudden changes of a series without trend or season; small lasting ones are seen sooner by `ewma` or
 * `cusum`. When more than half of the past values are equal, `mad` finds no spread: choose another estimate.
 */
export const controlChart = defineDetector({
  kind: 'series',
  name: 'control-chart',
  summary: 'Distance of each value from the centre line, in standard deviations.',
  reference: 'Shewhart (1931), Economic Control of Quality of Manufactured Product',
  minPast: 4,
  params: {
    limit: {
      kind: 'number',
      default: 3,
      min: 0.5,
      max: 20,
      search: [2, 5],
      about:
        'Standard deviations from the centre to the limits; 3 gives a false alarm every 370 normal values.',
    },
    spread: spreadParam,
  },
  fit: (past, { limit, spread }) => ({ ...centerAndSigma(past, spread), limit }),
  plot: (_, next) => next,
  limits: ({ center, sigma, limit }) => ({
    centerLine: center,
    upperLimit: center + limit * sigma,
    lowerLimit: center - limit * sigma,
  }),
})
