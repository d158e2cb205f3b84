import type { Frame, Metric } from '../data/metric.ts'
import type { NumberProfile } from '../data/profile.ts'
import { ksDistance, wassersteinDistance } from '../math/ecdf.ts'
import {
  type Distribution,
  distributionOf,
  exactDistribution,
  quantileOf,
  smoothQuantile,
} from './bucket-distribution.ts'
import {
  betweenVariance,
  type ColumnHistory,
  isIdentifier,
  kindOf,
  type NumberHistory,
  pastShare,
} from './column-history.ts'
import { hasKey, isKept } from './count-table.ts'
import { type Draft, framed, level, novelty, onColumn, rate, upward } from './draft.ts'
import type { History } from './history.ts'
import { frameOf, inFrame } from './number-frame.ts'
import { finiteCount } from './number-merge.ts'
import { type BatchView, type ColumnView, filledRows } from './view.ts'

/** How often which values occur: concentration, never-seen values, spikes, and the distribution of numbers. */
export function integrity(batch: BatchView, history: History): Metric[] {
  const metrics: Metric[] = []
  for (const [name, column] of batch.columns) {
    if (filledRows(column.profile) === 0) continue
    const past = history.columns.get(name)
    metrics.push(
      ...onColumn('integrity', name, [...frequencyDrafts(column, past), ...numberDrafts(column, past)]),
    )
  }
  return metrics
}

function frequencyDrafts(column: ColumnView, past: ColumnHistory | undefined): Draft[] {
  const { counts, level: sampled } = column.profile.frequencies
  const rows = filledRows(column.profile)
  const drafts: Draft[] = []
  if (sampled === 0)
    drafts.push(
      rate('topValueFraction', largest(counts) / column.profile.rows, rows),
      level('entropy', entropy(counts, rows), rows),
    )
  const isCounted = past && past.batches > 0 && column.profile.column.storage !== 'time'
  return isCounted ? [...drafts, ...noveltyDrafts(column, past)] : drafts
}

function largest(counts: readonly number[]): number {
  let most = 0
  for (let i = 0; i < counts.length; i++) if (counts[i]! > most) most = counts[i]!
  return most
}

/** Shannon entropy of the values, in nats. */
function entropy(counts: readonly number[], total: number): number {
  let sum = 0
  for (let i = 0; i < counts.length; i++) {
    const share = counts[i]! / total
    sum -= share * Math.log(share)
  }
  return sum
}

function noveltyDrafts({ profile, hashes }: ColumnView, past: ColumnHistory): Draft[] {
  const { counts, level: sampled } = profile.frequencies
  let kept = 0
  let unseenRows = 0
  let unseenValues = 0
  let keptValues = 0
  for (let i = 0; i < hashes.length; i++) {
    if (!isKept(hashes[i]!, past.values.level)) continue
    kept += counts[i]!
    keptValues++
    if (hasKey(past.values, hashes[i]!)) continue
    unseenRows += counts[i]!
    unseenValues++
  }
  const drafts = [
    novelty('unseenValueFraction', unseenRows / kept, kept),
    novelty('unseenDistinctFraction', unseenValues / keptValues, keptValues),
  ]
  return sampled === 0 && past.values.level === 0 && kindOf(past) !== 'identifier'
    ? [...drafts, ...shareDrafts(profile.rows, { hashes, counts, past })]
    : drafts
}

/** The value whose share rose most beyond its past, and the total variation from the pooled past. */
function shareDrafts(
  rows: number,
  seen: { hashes: Float64Array; counts: readonly number[]; past: ColumnHistory },
): Draft[] {
  let spike = 0
  let spikeShare = 0
  let variation = 0
  let matched = 0
  for (let i = 0; i < seen.hashes.length; i++) {
    const share = seen.counts[i]! / rows
    const before = pastShare(seen.past, seen.hashes[i]!)
    matched += before
    variation += Math.abs(share - before)
    const z =
      (share - before) /
      Math.sqrt(before / rows + betweenVariance(seen.past, seen.hashes[i]!, before) + 1 / rows ** 2 + 1e-6)
    if (z <= spike) continue
    spike = z
    spikeShare = share - before
  }
  return [
    upward(framed('valueSpike', spike, { center: 0, spread: 1 }, rows)),
    novelty('valueSpikeFraction', spikeShare, rows),
    upward(framed('frequencyShift', 0.5 * variation + 0.5 * Math.max(0, 1 - matched), NEAR_ZERO, rows)),
  ]
}

/** Distances are small positive numbers: linear below 0.002, ratios above. */
const NEAR_ZERO = { center: 0, spread: 2e-3 }

/** Quantiles charted, in percent. */
const QUANTILES = [1, 5, 25, 50, 75, 95, 99] as const

function numberDrafts(column: ColumnView, past: ColumnHistory | undefined): Draft[] {
  const { number, column: described } = column.profile
  if (!number || finiteCount(number) === 0 || described.storage === 'time') return []
  if (isIdentifier(column.profile, past)) return []
  const distribution = exactDistribution(column.profile)
  const rows = distribution.total
  if (described.storage === 'boolean') return [rate('trueFraction', number.mean, rows)]
  const frame = past?.numbers?.frame ?? frameOf(distribution)
  return [...shapeDrafts(distribution, frame, number), ...poolDrafts(number, past)]
}

function shapeDrafts(distribution: Distribution, frame: Frame, number: NumberProfile): Draft[] {
  const rows = distribution.total
  return [
    ...QUANTILES.map((percent) =>
      framed(
        `quantile${String(percent).padStart(2, '0')}`,
        smoothQuantile(distribution, percent / 100),
        frame,
        rows,
      ),
    ),
    framed('minimum', number.min, frame, rows),
    framed('maximum', number.max, frame, rows),
    framed('mean', number.mean, frame, rows),
    framed(
      'standardDeviation',
      Math.sqrt(number.squares / rows),
      { center: 0, spread: 1e-3 * frame.spread },
      rows,
    ),
    rate('negativeFraction', rowsOutside(distribution, 0, Number.POSITIVE_INFINITY) / rows, rows),
    rate('zeroFraction', (rows - rowsOutside(distribution, 0, 0)) / rows, rows),
  ]
}

/** Rows below a number or above another. */
function rowsOutside({ values, counts }: Distribution, low: number, high: number): number {
  let rows = 0
  for (let i = 0; i < values.length; i++) if (values[i]! < low || values[i]! > high) rows += counts[i]!
  return rows
}

function poolDrafts(number: NumberProfile, past: ColumnHistory | undefined): Draft[] {
  const numbers = past?.numbers
  if (!numbers?.frame || numbers.poolRows === 0) return []
  const { frame } = numbers
  const distribution = distributionOf(number.buckets)
  const pool = distributionOf(numbers.pool)
  const [low, high] = [quantileOf(pool, 0.001), quantileOf(pool, 0.999)]
  const onFrame = (sample: Distribution): Distribution => ({
    ...sample,
    values: sample.values.map((value) => inFrame(frame, value)),
  })
  const rows = distribution.total
  return [
    novelty('outOfRangeFraction', rowsOutside(distribution, ...beyond(numbers)) / rows, rows),
    novelty('tailFraction', rowsOutside(distribution, low, high) / rows, rows),
    upward(framed('ksDistance', ksDistance(distribution, pool), NEAR_ZERO, rows)),
    upward(
      framed(
        'wassersteinDistance',
        wassersteinDistance(onFrame(distribution), onFrame(pool)),
        NEAR_ZERO,
        rows,
      ),
    ),
  ]
}

/** The past extremes, each one percent farther out. */
const beyond = ({ min, max }: NumberHistory): readonly [number, number] => [
  min * (min < 0 ? 1.01 : 0.99),
  max * (max < 0 ? 0.99 : 1.01),
]
