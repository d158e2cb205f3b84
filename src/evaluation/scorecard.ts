import { type Proportion, wilson } from '../math/proportion.ts'
import { averagePrecision, rocAuc } from '../math/roc.ts'
import type { CleanResult, TrialResult } from './evaluate.ts'

/** How well one corruption is caught at one fraction, over batches and columns. */
export interface ScorecardLine {
  readonly corruption: string
  readonly dimension: string | null
  readonly fraction: number
  /** Alerts under the budget in force; for a benign change these are false. */
  readonly caught: Proportion
  /** Of those caught: the right dimension came first. */
  readonly dimensionNamed: Proportion
  /** Of those caught: a spoiled column was among the first three. */
  readonly columnNamed: Proportion
  readonly rocAuc: number
  readonly averagePrecision: number
  /** Mean of the rates of caught spoiled and of quiet clean batches. */
  readonly balancedAccuracy: number
}

/** What a monitor would catch on this table, weak spots first. */
export interface Scorecard {
  readonly lines: readonly ScorecardLine[]
  readonly falseAlarms: Proportion
  /** All trials of corruptions that are not benign. */
  readonly overall: Proportion
  readonly batches: number
  readonly trials: number
}

/** Sums trials up. */
export function scorecardOf(results: readonly TrialResult[], clean: readonly CleanResult[]): Scorecard {
  const falseAlarms = wilson(clean.filter(({ isAlert }) => isAlert).length, clean.length)
  const cleanScores = clean.map(({ score }) => score)
  const lines = [...groups(results).values()].map((group) => lineOf(group, { cleanScores, falseAlarms }))
  const spoiled = results.filter(({ dimension }) => dimension !== null)
  return {
    lines: lines.sort(
      (a, b) =>
        Number(a.dimension === null) - Number(b.dimension === null) ||
        a.caught.rate - b.caught.rate ||
        b.fraction - a.fraction,
    ),
    falseAlarms,
    overall: wilson(spoiled.filter(({ isAlert }) => isAlert).length, spoiled.length),
    batches: clean.length,
    trials: results.length,
  }
}

function groups(results: readonly TrialResult[]): ReadonlyMap<string, readonly TrialResult[]> {
  return Map.groupBy(results, ({ corruption, fraction }) => `${corruption}\u001f${fraction}`)
}

function lineOf(
  group: readonly TrialResult[],
  { cleanScores, falseAlarms }: { readonly cleanScores: readonly number[]; readonly falseAlarms: Proportion },
): ScorecardLine {
  const { corruption, dimension, fraction } = group[0]!
  const alerts = group.filter(({ isAlert }) => isAlert)
  const onColumns = alerts.filter(({ columns }) => columns.length > 0)
  const scores = group.map(({ score }) => score)
  const caught = wilson(alerts.length, group.length)
  return {
    corruption,
    dimension,
    fraction,
    caught,
    dimensionNamed: wilson(alerts.filter(({ isDimensionFirst }) => isDimensionFirst).length, alerts.length),
    columnNamed: wilson(
      onColumns.filter(({ columnRank }) => columnRank !== null && columnRank <= 3).length,
      onColumns.length,
    ),
    rocAuc: rocAuc(cleanScores, scores),
    averagePrecision: averagePrecision(cleanScores, scores),
    balancedAccuracy: (caught.rate + 1 - falseAlarms.rate) / 2,
  }
}
