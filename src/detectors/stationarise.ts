import type { Frame, Metric, Scale } from '../data/metric.ts'
import { exp, ln } from '../math/exponential.ts'

/** Keeps the square-root transform of a rate from stretching differences below about 5 rows in 10 000. */
const RATE_OFFSET = 5e-4
const SMALLEST_LOG_ARGUMENT = 1e-6
const LARGEST_CORRELATION = 0.995

/** What a value needs to be put on its scale. */
type Framed = Pick<Metric, 'scale' | 'frame'>

/** A limit farther out than 10¹⁷ spreads is no limit. */
const FARTHEST_ASINH = 40

const UNIT: Frame = { center: 0, spread: 1 }

/** Odd, and exact near 0 where ln(x + √(x² + 1)) would cancel. */
const arsinh = (x: number): number => {
  const size = Math.abs(x)
  const square = size * size
  let value = ln(size + Math.sqrt(square + 1))
  if (size < 1e-4) value = size - size ** 3 / 6
  else if (square === Number.POSITIVE_INFINITY) value = ln(size) + ln(2)
  return x < 0 ? -value : value
}

/** A value in units of a frame, held within what a double can be. */
function inUnits(value: number, { center, spread }: Frame): number {
  const away = value - center
  const units = Number.isFinite(away) ? away / spread : value / spread - center / spread
  return clip(units, -Number.MAX_VALUE, Number.MAX_VALUE)
}

/** Levels are held where the square of a difference is still a number. */
const LARGEST_LEVEL = 1e150

/**
 * A metric's value on the scale where its ordinary changes are about equally large everywhere.
 *
 * | scale | formula | takes |
 * |---|---|---|
 * | rate | √(r + c) − √(1 − r + c), c = 5·10⁻⁴ | r clipped to [0, 1] |
 * | log | ln max(x, 10⁻⁶) | amounts ≥ 0 |
 * | level | x clipped to ±10¹⁵⁰ | any number |
 * | correlation | artanh of r clipped to ±.995 | r in [−1, 1] |
 * | asinh | arsinh((x − center)/spread) of the metric's frame | any number |
 *
 * @see Freeman and Tukey (1950), Ann. Math. Stat. 21(4), for the square roots; Fisher (1915), Biometrika 10, for artanh.
 */
export function stationarise(value: number, { scale, frame = UNIT }: Framed): number {
  if (scale === 'level') return clip(value, -LARGEST_LEVEL, LARGEST_LEVEL)
  if (scale === 'log') return ln(Math.max(value, SMALLEST_LOG_ARGUMENT))
  if (scale === 'rate') return rateRoots(clip(value, 0, 1))
  if (scale === 'asinh') return arsinh(inUnits(value, frame))
  const r = clip(value, -LARGEST_CORRELATION, LARGEST_CORRELATION)
  return ln((1 + r) / (1 - r)) / 2
}

/** Inverse of `stationarise`; outside the range a scale can reach, its nearest end. */
export function destationarise(level: number, { scale, frame = UNIT }: Framed): number {
  if (scale === 'level') return level
  if (scale === 'log') return exp(level)
  if (scale === 'rate') return rateOfRoots(level)
  if (scale === 'asinh') return frame.center + (frame.spread * (exp(level) - exp(-level))) / 2
  return 1 - 2 / (exp(2 * level) + 1)
}

/** Lowest and highest stationarised value a scale can take. */
export function rangeOf(scale: Scale): readonly [number, number] {
  if (scale === 'asinh') return [-FARTHEST_ASINH, FARTHEST_ASINH]
  if (scale === 'level') return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  if (scale === 'log') return [ln(SMALLEST_LOG_ARGUMENT), Number.POSITIVE_INFINITY]
  const top = stationarise(1, { scale })
  return [-top, top]
}

/**
 * Smallest standard deviation, in stationarised units, with which a metric is ever judged: changes well below it are
 * real perhaps, but not worth a person's time.
 *
 * Near 0, a rate's 0.010 is 5 rows in 10 000; near ½ it is 0.7 points. A log's 0.04 is 4 %, a correlation's 0.03 is 0.03
 * near 0. A level (entropies in bits, quantile positions) has 0.02 plus half a percent of where it stands.
 *
 * @param predicted - Where the metric is expected, stationarised.
 */
export function materialityFloor(scale: Scale, predicted: number): number {
  if (scale === 'rate') return 0.01
  if (scale === 'log') return 0.04
  if (scale === 'level' || scale === 'asinh') return 0.02 + 0.005 * Math.abs(predicted)
  return 0.03
}

/**
 * Variance that `support` rows alone give a metric, in stationarised units: binomial for a rate, 1/(n − 3) for a
 * correlation; 0 where the support does not tell (logs and levels).
 *
 * Half an unseen event is added to a rate over all rows ever seen, because a rate of 0 in few rows is not a certain 0.
 *
 * @param predicted - Where the metric is expected, stationarised.
 * @param rows - Of this batch as `support`, and of the past that the prediction rests on.
 */
export function samplingVariance(
  scale: Scale,
  predicted: number,
  { support, past }: { readonly support: number; readonly past: number },
): number {
  if (!(support > 0)) return 0
  if (scale === 'correlation') return 1 / Math.max(support - 3, 1)
  if (scale !== 'rate') return 0
  const unseen = 0.5 / (support + past)
  const rate = Math.min(rateOfRoots(predicted) + unseen, 1 - unseen)
  const slope = 0.5 / Math.sqrt(rate + RATE_OFFSET) + 0.5 / Math.sqrt(1 - rate + RATE_OFFSET)
  return Math.max(0, (slope * slope * rate * (1 - rate)) / support)
}

const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

const rateRoots = (r: number): number => Math.sqrt(r + RATE_OFFSET) - Math.sqrt(1 - r + RATE_OFFSET)

/** With u = √(r+c), v = √(1−r+c): u² + v² = 1 + 2c and u − v = level give u, hence r = u² − c. */
function rateOfRoots(level: number): number {
  const squares = 1 + 2 * RATE_OFFSET
  const u = (level + Math.sqrt(Math.max(0, 2 * squares - level * level))) / 2
  if (level * level >= squares) return level > 0 ? 1 : 0
  return clip(u * u - RATE_OFFSET, 0, 1)
}
