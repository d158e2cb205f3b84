/** How a metric's value is written for people. */
export type MetricUnit = 'percent' | 'number' | 'count' | 'hours' | 'correlation'

export interface MetricWords {
  /** What is measured, completing "… of COLUMN". */
  readonly label: string
  readonly unit: MetricUnit
}

const percent = (label: string): MetricWords => ({ label, unit: 'percent' })
const number = (label: string): MetricWords => ({ label, unit: 'number' })

/** The words for every metric, by name. */
export const metricWords: Readonly<Record<string, MetricWords>> = {
  rowCount: { label: 'rows', unit: 'count' },
  hoursSincePrevious: { label: 'time since the previous batch', unit: 'hours' },
  nullFraction: percent('nulls'),
  placeholderFraction: percent('placeholders for a missing value'),
  firstTimeHours: { label: 'earliest time, after the start of the batch', unit: 'hours' },
  lastTimeHours: { label: 'latest time, after the start of the batch', unit: 'hours' },
  unreadableFraction: percent('values that cannot be read as the column’s type'),
  nonFiniteFraction: percent('NaN or infinite numbers'),
  wholeFraction: percent('numbers without decimals'),
  oneDecimalFraction: percent('numbers with one decimal'),
  twoDecimalsFraction: percent('numbers with two decimals'),
  moreDecimalsFraction: percent('numbers with three or more decimals'),
  meanLength: number('mean length'),
  lengthDeviation: number('standard deviation of the length'),
  minLength: number('shortest length'),
  maxLength: number('longest length'),
  upperCaseShare: percent('upper-case characters'),
  lowerCaseShare: percent('lower-case characters'),
  digitShare: percent('digits among characters'),
  spaceShare: percent('spaces among characters'),
  otherCharacterShare: percent('other characters'),
  unseenPatternFraction: percent('values of a never-seen format'),
  rarePatternFraction: percent('values of a rare format'),
  patternSurprise: number('surprise of the formats'),
  unseenTrigramFraction: percent('values with a never-seen letter sequence'),
  unseenWordFraction: percent('values with a never-seen word'),
  nearMissFraction: percent('rows with a word one letter away from a known one'),
  nearMissValueFraction: percent('distinct values with a word one letter away from a known one'),
  duplicateFraction: percent('duplicated rows'),
  repeatedFromPastFraction: percent('rows already in an earlier batch'),
  distinctCount: { label: 'distinct values', unit: 'count' },
  distinctFraction: percent('distinct values per row'),
  knownKeyFraction: percent('keys already in an earlier batch'),
  topValueFraction: percent('rows with the most frequent value'),
  entropy: number('entropy of the values'),
  unseenValueFraction: percent('rows with a never-seen value'),
  unseenDistinctFraction: percent('distinct values never seen'),
  valueSpike: number('rise of one value beyond its past, in standard deviations'),
  valueSpikeFraction: percent('extra rows with one value'),
  frequencyShift: percent('rows whose value changed frequency'),
  trueFraction: percent('true'),
  quantile01: number('1st percentile'),
  quantile05: number('5th percentile'),
  quantile25: number('first quartile'),
  quantile50: number('median'),
  quantile75: number('third quartile'),
  quantile95: number('95th percentile'),
  quantile99: number('99th percentile'),
  minimum: number('minimum'),
  maximum: number('maximum'),
  mean: number('mean'),
  standardDeviation: number('standard deviation'),
  negativeFraction: percent('negative numbers'),
  zeroFraction: percent('zeros'),
  outOfRangeFraction: percent('numbers outside the range ever seen'),
  tailFraction: percent('numbers in the far tails of the past'),
  ksDistance: number('Kolmogorov–Smirnov distance to the past'),
  wassersteinDistance: number('Wasserstein distance to the past'),
  strayValueFraction: percent('rows with a value of another column'),
  dependencyViolationFraction: percent('rows against the majority of their group'),
  unseenPairFraction: percent('never-seen pairs of values'),
  contradictionFraction: percent('rows that contradict a value always seen together'),
  pairSurprise: number('surprise of the pairs'),
  unseenClassPairFraction: percent('rows whose kinds of values were never seen together'),
  rareClassPairFraction: percent('rows whose kinds of values are seldom seen together'),
  classPairSurprise: number('surprise of the kinds of values together'),
  nullsAgainstGroupFraction: percent('rows that are null, or not, against their group'),
  groupCoherence: { label: 'coherence within groups', unit: 'correlation' },
  meanResidual: number('mean distance from the group’s past'),
  farResidualFraction: percent('rows far from their group’s past'),
  rankCorrelation: { label: 'rank correlation', unit: 'correlation' },
  greaterFraction: percent('rows where the first is greater'),
  equalFraction: percent('rows where both are equal'),
  ruleViolationFraction: percent('rows that break the rule'),
  isolationForestMedian: number('median row surprise (isolation forest)'),
  isolationForestQuantile95: number('95th percentile of row surprise (isolation forest)'),
  isolationForestOddFraction: percent('rows that only 1 % of clean rows are as odd as (isolation forest)'),
  nearestNeighboursMedian: number('median row surprise (nearest neighbours)'),
  nearestNeighboursQuantile95: number('95th percentile of row surprise (nearest neighbours)'),
  nearestNeighboursOddFraction: percent(
    'rows that only 1 % of clean rows are as odd as (nearest neighbours)',
  ),
  frequencySurpriseMedian: number('median row surprise (frequency surprise)'),
  frequencySurpriseQuantile95: number('95th percentile of row surprise (frequency surprise)'),
  frequencySurpriseOddFraction: percent(
    'rows that only 1 % of clean rows are as odd as (frequency surprise)',
  ),
  autoencoderMedian: number('median row surprise (autoencoder)'),
  autoencoderQuantile95: number('95th percentile of row surprise (autoencoder)'),
  autoencoderOddFraction: percent('rows that only 1 % of clean rows are as odd as (autoencoder)'),
}

/** Words for a metric, its own name when it has none. */
export const wordsOf = (metric: string): MetricWords => metricWords[metric] ?? number(metric)

/** A value as people write it: `12.3 %`, `4,021`, `+0.83`. */
export function formatValue(value: number, unit: MetricUnit): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'unknown' : value > 0 ? '∞' : '−∞'
  if (unit === 'percent') return `${compact(value * 100)} %`
  if (unit === 'count') return Math.round(value).toLocaleString('en')
  if (unit === 'hours') return `${compact(value)} h`
  return unit === 'correlation' ? value.toFixed(2) : compact(value)
}

function compact(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e9)) return value.toExponential(2)
  return value.toLocaleString('en', {
    maximumFractionDigits: size >= 1000 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3,
  })
}
