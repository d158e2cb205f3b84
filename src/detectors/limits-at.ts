import { tOfNormalScore } from '../math/student-t.ts'
import { uncapSurprise } from '../math/surprise.ts'
import type { ControlLimits } from './detector.ts'
import type { SeriesScore } from './series-scorer.ts'
import { destationarise, rangeOf } from './stationarise.ts'
import { tailDistance } from './surprise-tail.ts'

/**
 * Where a series' surprise would be reached by its z channel, in the metric's own units.
 *
 * The drift channel, which looks at several batches, may ring inside these limits.
 *
 * @param surprise - Nats, as compared with `SeriesScore.surprise`.
 * @returns ±Infinity on a side that cannot alarm: novelty downward, values beyond the metric's range, an unknown series
 *   (whose centre is NaN), or a surprise at the cap.
 */
export function limitsAt(score: SeriesScore, surprise: number): ControlLimits {
  const { metric, center, scale } = score
  const centerLine = Number.isNaN(center) ? Number.NaN : destationarise(center, metric)
  const none = { centerLine, lowerLimit: Number.NEGATIVE_INFINITY, upperLimit: Number.POSITIVE_INFINITY }
  if (scale === 0) return none
  const z = tailDistance(score.tail, uncapSurprise(surprise))
  const reach = Number.isFinite(z) ? tOfNormalScore(z, score.degrees) * scale : Number.POSITIVE_INFINITY
  const [lowest, highest] = rangeOf(metric.scale)
  return {
    centerLine,
    upperLimit: center + reach < highest ? destationarise(center + reach, metric) : none.upperLimit,
    lowerLimit:
      metric.side === 'both' && center - reach > lowest
        ? destationarise(center - reach, metric)
        : none.lowerLimit,
  }
}
