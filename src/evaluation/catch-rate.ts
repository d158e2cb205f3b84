import { betaBinomialLogMass, betaBinomialMasses, rangeOfMasses } from '../math/beta-binomial.ts'
import { studentQuantile } from '../math/student-t.ts'

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

/** Successes among trials. */
export interface Count {
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
/** Rates between which a group's may lie, for integrals over what is not known. */
const GRID = Float64Array.from({ length: 40 }, (_, i) => (i + 0.5) / 40)

/**
 * Catch-rates whose ranges hold for other seeds, other batches and other columns.
 *
 * Trials on one stretch of history share its threshold and its weather, so they tell less than independent ones: the
 * design effect, measured between the older and the newer half over all groups, shrinks their number. Columns of a group differ: a column's rate is drawn towards those of the others, as
 * much as the beta-binomial that fits all columns best says, integrated over the group's uncertain rate. False alarms
 * come with batches, not with trials: how many a new stretch may bring widens every range. The range is that of a new
 * sample of as many trials, not of an unobservable true rate, so that it can be checked.
 *
 * @param clean - Alerts on the clean batches of the same stretch.
 * @see Kish (1965), Survey sampling, ch. 8.2 (design effect); Gelman et al. (2013), Bayesian data analysis, ch. 5.
 */
export function catchRates(outcomes: readonly Outcome[], clean: Count = NONE): CatchRates {
  const groups = new Map(
    [...Map.groupBy(outcomes, ({ group }) => group)].map(([name, of]) => [name, groupOf(of)]),
  )
  const designEffect = designEffectOf(outcomes)
  const concentration = concentrationOf([...groups.values()], designEffect)
  const floor = floorOf(clean)
  const usual = Math.max(1, Math.round(median([...groups.values()].map(({ all }) => all.trials))))
  return {
    designEffect,
    ofGroup(name) {
      const { all } = groups.get(name) ?? NOTHING
      const trials = worthOf(all.trials || usual, designEffect)
      const masses = betaBinomialMasses({ trials, ...posterior(all, { a: PRIOR, b: PRIOR }, designEffect) })
      return widened(all, masses, floor)
    },
    ofColumn(name, column) {
      const { all, columns } = groups.get(name) ?? NOTHING
      const own = columns.get(column) ?? NONE
      const trials = worthOf(Math.max(own.trials, TEN), designEffect)
      const masses = new Float64Array(trials + 1)
      for (const [mean, weight] of meansOf(own, all, { concentration, designEffect })) {
        const prior = { a: concentration * mean, b: concentration * (1 - mean) }
        const given = betaBinomialMasses({ trials, ...posterior(own, prior, designEffect) })
        for (let hits = 0; hits <= trials; hits++) masses[hits]! += weight * given[hits]!
      }
      return widened(own, masses, floor)
    },
  }
}

/**
 * The catch-rate of a mixture of faults, and the range of the same mixture on as many new batches: from how its share
 * differs between batches, since those of one batch stand or fall together.
 *
 * @param outcomes - Of at least two batches; of fewer, the range is that of a single group.
 * @param clean - Alerts on the clean batches of the same stretch.
 * @see Hahn and Meeker (1991), Statistical intervals, ch. 4.8 (prediction interval for a future mean).
 */
export function catchRateOfMixture(outcomes: readonly Outcome[], clean: Count = NONE): CatchRate {
  const shares = [...Map.groupBy(outcomes, ({ place }) => place).values()].map((of) => {
    const { hits, trials } = countOf(of)
    return hits / trials
  })
  if (shares.length < 2)
    return catchRates(
      outcomes.map((outcome) => ({ ...outcome, group: '' })),
      clean,
    ).ofGroup('')
  const { hits, trials } = countOf(outcomes)
  const rate = hits / trials
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (shares.length - 1)
  const reach = studentQuantile(0.975, shares.length - 1) * Math.sqrt((2 * variance) / shares.length)
  const floor = floorOf(clean)
  return {
    hits,
    trials,
    rate,
    low: Math.max(0, rate - Math.hypot(reach, floor.down * (1 - rate))),
    high: Math.min(1, rate + Math.hypot(reach, floor.up * (1 - rate))),
  }
}

interface Group {
  readonly all: Count
  readonly columns: ReadonlyMap<string, Count>
}

const NONE: Count = { hits: 0, trials: 0 }
const NOTHING: Group = { all: NONE, columns: new Map() }

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

interface Beta {
  readonly a: number
  readonly b: number
}

const posterior = ({ hits, trials }: Count, { a, b }: Beta, effect: number): Beta => ({
  a: a + hits / effect,
  b: b + (trials - hits) / effect,
})

/** Independent trials that so many are worth. */
const worthOf = (trials: number, effect: number): number => Math.max(1, Math.floor(trials / effect))

/** How far the share of false alarms may lie above and below what it was, on as many new batches. */
interface Floor {
  readonly up: number
  readonly down: number
}

function floorOf({ hits, trials }: Count): Floor {
  if (trials === 0) return { up: 0, down: 0 }
  const beta = posterior({ hits, trials }, { a: PRIOR, b: PRIOR }, 1)
  const { low, high } = rangeOfMasses(betaBinomialMasses({ trials, ...beta }))
  return { up: (high - hits) / trials, down: (hits - low) / trials }
}

/** The range of the masses, widened by what false alarms may add to what was missed, or take from what was caught. */
function widened({ hits, trials }: Count, masses: Float64Array, floor: Floor): CatchRate {
  const worth = masses.length - 1
  const range = rangeOfMasses(masses)
  const mean = masses.reduce((sum, mass, i) => sum + mass * i, 0) / worth
  const rate = trials > 0 ? hits / trials : mean
  const below = Math.hypot(Math.max(0, rate - range.low / worth), floor.down * (1 - rate))
  const above = Math.hypot(Math.max(0, range.high / worth - rate), floor.up * (1 - rate))
  return { hits, trials, rate, low: Math.max(0, rate - below), high: Math.min(1, rate + above) }
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

/** Rates that the group may have, as the other columns and this one tell, with their chances; these sum to 1. */
function meansOf(
  own: Count,
  all: Count,
  { concentration, designEffect }: { readonly concentration: number; readonly designEffect: number },
): readonly (readonly [mean: number, weight: number])[] {
  const likelihoods = ownLikelihoods(own, all, { concentration, designEffect })
  const total = likelihoods.reduce((sum, value) => sum + value, 0)
  return Array.from(GRID, (mean, i) => [mean, likelihoods[i]! / total] as const)
}

/** Over the grid of the group's rates: how likely the other columns make the rate, times how likely it makes this one. */
function ownLikelihoods(
  own: Count,
  all: Count,
  { concentration, designEffect }: { readonly concentration: number; readonly designEffect: number },
): Float64Array {
  const others = { hits: all.hits - own.hits, trials: all.trials - own.trials }
  const { a, b } = posterior(others, { a: PRIOR, b: PRIOR }, designEffect)
  const densities = GRID.map((mean) => mean ** (a - 1) * (1 - mean) ** (b - 1))
  const total = densities.reduce((sum, value) => sum + value, 0)
  return GRID.map((mean, i) => {
    const beta = { a: concentration * mean, b: concentration * (1 - mean) }
    const trials = own.trials / designEffect
    return (
      (densities[i]! / total) * Math.exp(betaBinomialLogMass(own.hits / designEffect, { trials, ...beta }))
    )
  })
}

/** The concentration under which each column is likeliest, given the others of its group. */
function concentrationOf(groups: readonly Group[], designEffect: number): number {
  const varied = groups.filter(({ columns }) => columns.size > 1)
  const likelihood = (concentration: number): number =>
    varied
      .flatMap(({ all, columns }) =>
        [...columns.values()].map((own) =>
          Math.log(
            ownLikelihoods(own, all, { concentration, designEffect }).reduce((sum, value) => sum + value, 0),
          ),
        ),
      )
      .reduce((sum, value) => sum + value, 0)
  const likelihoods = CONCENTRATIONS.map(likelihood)
  return CONCENTRATIONS[likelihoods.indexOf(Math.max(...likelihoods))]!
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1] ?? 0
}
