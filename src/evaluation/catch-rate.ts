import { betaBinomialLogMass, betaBinomialRange } from '../math/beta-binomial.ts'

/** A share of faults caught, and the range in which the share of as many new ones falls 19 times in 20. */
export interface CatchRate {
  readonly hits: number
  readonly trials: number
  /** hits / trials; what similar columns make likely when nothing was tried. */
  readonly rate: number
  readonly low: number
  readonly high: number
}

/** One trial, as far as its chance of being caught is predicted. */
export interface Outcome {
  /** What was tried: trials of the same group are alike but for the column, the rows and the batch. */
  readonly group: string
  readonly column: string
  /** Place of the batch in the history. */
  readonly place: number
  readonly isCaught: boolean
}

/** Predicts catch-rates from finitely many trials. */
export interface CatchRates {
  /** Over the columns as they were tried. */
  ofGroup(group: string): CatchRate
  /** On one column, tried or not. */
  ofColumn(group: string, column: string): CatchRate
  /** How many times the variance between stretches of the history exceeds that of independent trials, ≥ 1. */
  readonly designEffect: number
}

interface Count {
  readonly hits: number
  readonly trials: number
}

/** Columns differ by as much as a beta with a + b of one of these says. */
const CONCENTRATIONS = [0.2, 0.5, 1, 2, 5, 10, 30, 100] as const
/** A beta of ½ and ½ before anything is seen (Jeffreys). */
const PRIOR = 0.5
/** Design effect taken for granted when too few groups can tell. */
const ASSUMED_EFFECT = 1.5
const MOST_EFFECT = 10
const TELLING_GROUPS = 10
/** A column is tried a few times only: its range is that of at least ten new trials, since one is caught or missed. */
const TEN = 10

/**
 * Catch-rates whose ranges hold for other seeds, other batches and other columns.
 *
 * Trials on one stretch of history share its threshold and its weather, so they tell less than independent ones: the
 * design effect, measured between the older and the newer half over all groups, shrinks their number. Columns of a group
 * differ: a column's rate is drawn towards its group's by the beta-binomial that fits all columns best. The range is
 * that of a new sample of as many trials, not of an unobservable true rate, so that it can be checked.
 *
 * @see Kish (1965), Survey sampling, ch. 8.2 (design effect); Gelman et al. (2013), Bayesian data analysis, ch. 5.
 */
export function catchRates(outcomes: readonly Outcome[]): CatchRates {
  const groups = new Map(
    [...Map.groupBy(outcomes, ({ group }) => group)].map(([name, of]) => [name, groupOf(of)]),
  )
  const designEffect = designEffectOf(outcomes)
  const concentration = concentrationOf([...groups.values()], designEffect)
  const usual = Math.max(1, Math.round(median([...groups.values()].map(({ all }) => all.trials))))
  return {
    designEffect,
    ofGroup(name) {
      const { all } = groups.get(name) ?? NOTHING
      return predicted(all, { a: PRIOR, b: PRIOR, designEffect, future: all.trials || usual })
    },
    ofColumn(name, column) {
      const { all, columns } = groups.get(name) ?? NOTHING
      const own = columns.get(column) ?? { hits: 0, trials: 0 }
      return predicted(own, {
        ...priorOf(own, all, { concentration, designEffect }),
        designEffect,
        future: Math.max(own.trials, TEN),
      })
    },
  }
}

interface Group {
  readonly all: Count
  readonly columns: ReadonlyMap<string, Count>
}

const NOTHING: Group = { all: { hits: 0, trials: 0 }, columns: new Map() }

const countOf = (outcomes: readonly Outcome[]): Count => ({
  hits: outcomes.filter(({ isCaught }) => isCaught).length,
  trials: outcomes.length,
})

const groupOf = (outcomes: readonly Outcome[]): Group => ({
  all: countOf(outcomes),
  columns: new Map(
    [...Map.groupBy(outcomes, ({ column }) => column)].map(([name, of]) => [name, countOf(of)]),
  ),
})

function predicted(
  { hits, trials }: Count,
  {
    a,
    b,
    designEffect,
    future,
  }: { readonly a: number; readonly b: number; readonly designEffect: number; readonly future: number },
): CatchRate {
  const posterior = { a: a + hits / designEffect, b: b + (trials - hits) / designEffect }
  const worth = Math.max(1, Math.floor(future / designEffect))
  const range = betaBinomialRange({ trials: worth, ...posterior })
  const rate = trials > 0 ? hits / trials : posterior.a / (posterior.a + posterior.b)
  return {
    hits,
    trials,
    rate,
    low: Math.min(rate, range.low / worth),
    high: Math.max(rate, range.high / worth),
  }
}

/** Squared differences between the halves of the history over those that independent trials would make. */
function designEffectOf(outcomes: readonly Outcome[]): number {
  const middle = median(outcomes.map(({ place }) => place))
  let squares = 0
  let expected = 0
  let telling = 0
  for (const of of Map.groupBy(outcomes, ({ group }) => group).values()) {
    const older = countOf(of.filter(({ place }) => place < middle))
    const newer = countOf(of.filter(({ place }) => place >= middle))
    const { hits, trials } = countOf(of)
    if (older.trials === 0 || newer.trials === 0 || hits === 0 || hits === trials) continue
    telling++
    squares += (older.hits / older.trials - newer.hits / newer.trials) ** 2
    const variance = ((hits / trials) * (1 - hits / trials) * trials) / (trials - 1)
    expected += variance * (1 / older.trials + 1 / newer.trials)
  }
  if (telling < TELLING_GROUPS) return ASSUMED_EFFECT
  // What sets the halves apart may set this whole stretch apart from the next: twice as much, in terms of twice the trials.
  return Math.min(MOST_EFFECT, Math.max(1, 1 + 2 * (squares / expected - 1)))
}

/**
 * What the other columns of a group make likely for one: their rate, as uncertain as few trials leave it, and columns
 * differing as much as the concentration says.
 */
function priorOf(
  own: Count,
  all: Count,
  { concentration, designEffect }: { readonly concentration: number; readonly designEffect: number },
): { readonly a: number; readonly b: number } {
  const trials = all.trials - own.trials
  const mean = (all.hits - own.hits + PRIOR) / (trials + 2 * PRIOR)
  const variance = 1 / (concentration + 1) + 1 / (trials / designEffect + 2 * PRIOR + 1)
  const weight = Math.max(PRIOR, 1 / variance - 1)
  return { a: weight * mean, b: weight * (1 - mean) }
}

/** The concentration under which each column is likeliest, given the others of its group. */
function concentrationOf(groups: readonly Group[], designEffect: number): number {
  const likelihood = (concentration: number): number =>
    groups
      .filter(({ columns }) => columns.size > 1)
      .flatMap(({ all, columns }) =>
        [...columns.values()].map((own) =>
          betaBinomialLogMass(own.hits / designEffect, {
            trials: own.trials / designEffect,
            ...priorOf(own, all, { concentration, designEffect }),
          }),
        ),
      )
      .reduce((sum, value) => sum + value, 0)
  return CONCENTRATIONS.reduce<number>(
    (best, candidate) => (likelihood(candidate) > likelihood(best) ? candidate : best),
    CONCENTRATIONS[0],
  )
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1] ?? 0
}
