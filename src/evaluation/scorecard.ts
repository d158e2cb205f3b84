import { bootstrap, type Interval } from '../math/bootstrap.ts'
import { type Proportion, wilson } from '../math/proportion.ts'
import { averagePrecision, rocAuc } from '../math/roc.ts'
import {
  type CatchRate,
  type CatchRates,
  catchRateOfMixture,
  catchRates,
  type Outcome,
} from './catch-rate.ts'
import { type Delay, delayOf } from './detection-delay.ts'
import type { CleanResult, NotTried, TrialResult, UnitResult } from './evaluate.ts'
import { type LearntWeights, learnWeights, type WeighedScores } from './learn-weights.ts'

/** How well one corruption is caught at one fraction, over batches and columns. */
export interface ScorecardLine {
  readonly corruption: string
  /** Null for a benign change. */
  readonly dimension: string | null
  /** Share of the rows; of a band of drawn fractions, its geometric middle. */
  readonly fraction: number
  /** The band that drawn fractions fell in; equal ends when the fraction was given. */
  readonly band: readonly [low: number, high: number]
  /** Alerts under the budget in force; for a benign change these are false. */
  readonly caught: CatchRate
  /** The same by column, the worst first; empty when it takes none. */
  readonly columns: readonly { readonly column: string; readonly caught: CatchRate }[]
  /** Of those caught: the right dimension came first. */
  readonly dimensionNamed: Proportion
  /** Of those caught: a spoiled column was named first. */
  readonly columnFirst: Proportion
  /** Of those caught: a spoiled column was among the first three. */
  readonly columnNamed: Proportion
  readonly rocAuc: Interval
  readonly averagePrecision: Interval
  /** Mean of the rates of caught spoiled and of quiet clean batches. */
  readonly balancedAccuracy: Interval
}

/** What a monitor would catch on this table, weak spots first. */
export interface Scorecard {
  readonly lines: readonly ScorecardLine[]
  /** Batches until the first alert of faults that last; empty when none were tried. */
  readonly delays: readonly Delay[]
  readonly falseAlarms: Proportion
  /** All trials of corruptions that are not benign. */
  readonly overall: CatchRate
  readonly dimensionNamed: Proportion
  readonly columnFirst: Proportion
  readonly columnNamed: Proportion
  /** What was never tried, and why: neither caught nor missed. */
  readonly notApplicable: readonly { readonly corruption: string; readonly reasons: readonly string[] }[]
  /** What the members of the hybrid are worth on this table; stored scorecards of before do not tell. */
  readonly hybrid: LearntWeights | null
  /** How many times the variance of the trials exceeds that of independent ones. */
  readonly designEffect: number
  readonly batches: number
  readonly trials: number
}

/** Sums units up. */
export function scorecardOf(units: readonly UnitResult[], seed: number | string = 1): Scorecard {
  const clean = units.flatMap((unit) => unit.clean ?? [])
  const all = units.flatMap(({ results }) => results)
  const atOnce = all.filter(({ shape }) => shape === 'once')
  // A fault in full on any batch is like one that comes once; only without those it is counted batch by batch.
  const results = atOnce.length > 0 ? atOnce : all.filter(isInFull)
  const rates = catchRates(results.map(outcomeOf), { hits: alertsIn(clean), trials: clean.length })
  const context = { clean, rates, seed, falseAlarms: wilson(alertsIn(clean), clean.length) }
  const spoiled = results.filter(({ dimensions }) => dimensions.length > 0)
  const { falseAlarms } = context
  return {
    lines: [...Map.groupBy(results, groupOf).values()].map((group) => lineOf(group, context)).sort(weakFirst),
    delays: delayOf(all.filter(({ shape }) => shape !== 'once')),
    falseAlarms,
    overall: catchRateOfMixture(spoiled.map(outcomeOf), { hits: alertsIn(clean), trials: clean.length }),
    ...named(spoiled),
    notApplicable: notApplicable(
      units.flatMap((unit) => unit.notTried),
      all,
    ),
    hybrid: learnWeights(clean.map(weighedOf), spoiled.map(weighedOf), seed),
    designEffect: rates.designEffect,
    batches: clean.length,
    trials: all.length,
  }
}

const weighedOf = ({ place, weighed }: CleanResult | TrialResult): WeighedScores => ({
  place,
  scores: weighed,
})

const isInFull = ({ fraction, fullFraction }: TrialResult): boolean => fraction === fullFraction

const alertsIn = (results: readonly { readonly isAlert: boolean }[]): number =>
  results.filter(({ isAlert }) => isAlert).length

/** Ends of the bands in which fractions that were drawn are counted. */
const BANDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] as const

/** The band of a fraction: itself when it is one that people give, else the half decade it lies in. */
function bandOf(fraction: number): readonly [number, number] {
  if (Math.round(fraction * 1000) === fraction * 1000) return [fraction, fraction]
  const above = BANDS.findIndex((end) => fraction < end)
  return above < 1 ? [fraction, fraction] : [BANDS[above - 1]!, BANDS[above]!]
}

/** What a trial is called: its corruption, or how many came together. */
export const nameOf = ({ corruptions }: Pick<TrialResult, 'corruptions'>): string =>
  corruptions.length === 1 ? corruptions[0]! : `${corruptions.length} at once, first ${corruptions[0]}`

const groupOf = (result: TrialResult): string =>
  `${nameOf(result)}\u001f${bandOf(result.fullFraction).join()}`

const columnOf = ({ columns }: TrialResult): string => columns.join(' and ')

/** A trial as its chance of being caught is predicted. */
export const outcomeOf = (result: TrialResult): Outcome => ({
  group: groupOf(result),
  column: columnOf(result),
  place: result.place,
  isCaught: result.isAlert,
})

function weakFirst(a: ScorecardLine, b: ScorecardLine): number {
  return (
    Number(a.dimension === null) - Number(b.dimension === null) ||
    a.caught.rate - b.caught.rate ||
    b.fraction - a.fraction
  )
}

interface LineContext {
  readonly clean: readonly CleanResult[]
  readonly rates: CatchRates
  readonly falseAlarms: Proportion
  readonly seed: number | string
}

function lineOf(
  group: readonly TrialResult[],
  { clean, rates, falseAlarms, seed }: LineContext,
): ScorecardLine {
  const [first] = group as [TrialResult]
  const name = groupOf(first)
  const band = bandOf(first.fullFraction)
  const samples = [clean.map(({ score }) => score), group.map(({ score }) => score)] as const
  const alerts = [clean, group].map((of) => of.map(({ isAlert }) => Number(isAlert))) as [number[], number[]]
  const caught = rates.ofGroup(name)
  return {
    corruption: nameOf(first),
    dimension: first.dimensions[0] ?? null,
    fraction: Math.sqrt(band[0] * band[1]),
    band,
    caught,
    columns: columnRates(group, (column) => rates.ofColumn(name, column)),
    ...named(group),
    rocAuc: bootstrap(samples, rocAuc, `${seed}/${name}/roc`),
    averagePrecision: bootstrap(samples, averagePrecision, `${seed}/${name}/precision`),
    balancedAccuracy: {
      ...bootstrap(alerts, balancedAccuracy, `${seed}/${name}/accuracy`),
      value: (caught.rate + 1 - falseAlarms.rate) / 2,
    },
  }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const balancedAccuracy = (clean: readonly number[], spoiled: readonly number[]): number =>
  (1 - meanOf(clean) + meanOf(spoiled)) / 2

function columnRates(
  group: readonly TrialResult[],
  rateOf: (column: string) => CatchRate,
): ScorecardLine['columns'] {
  return [...new Set(group.map(columnOf))]
    .filter((column) => column !== '')
    .map((column) => ({ column, caught: rateOf(column) }))
    .sort((a, b) => a.caught.rate - b.caught.rate)
}

function named(
  results: readonly TrialResult[],
): Pick<ScorecardLine, 'dimensionNamed' | 'columnFirst' | 'columnNamed'> {
  const alerts = results.filter(({ isAlert }) => isAlert)
  const onColumns = alerts.filter(({ columns }) => columns.length > 0)
  const amongFirst = (most: number): Proportion =>
    wilson(
      onColumns.filter(({ columnRank }) => columnRank !== null && columnRank <= most).length,
      onColumns.length,
    )
  return {
    dimensionNamed: wilson(alerts.filter(({ isDimensionFirst }) => isDimensionFirst).length, alerts.length),
    columnFirst: amongFirst(1),
    columnNamed: amongFirst(3),
  }
}

function notApplicable(
  notTried: readonly NotTried[],
  results: readonly TrialResult[],
): Scorecard['notApplicable'] {
  const tried = new Set(results.map(({ corruptions }) => corruptions[0]))
  const never = notTried.filter(({ corruption }) => !tried.has(corruption))
  return [...Map.groupBy(never, ({ corruption }) => corruption)].map(([corruption, of]) => ({
    corruption,
    reasons: [...new Set(of.map(({ reason }) => reason))],
  }))
}
