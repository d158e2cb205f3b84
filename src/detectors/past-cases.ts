import { CASE_SIZES, type PerCase, weighed } from '../math/cases.ts'
import { exceededWithChance } from '../math/exceedance.ts'

/** Past batches remembered. */
const WINDOW = 365
/** Cases of every size are weighed to be exceeded by one good batch in a hundred, of a lone witness by one in 500. */
const CHANCES: PerCase = [0.002, 0.01, 0.01]
/** Before any batch is remembered: what tables of a few hundred series come to. */
const FIRST: Expectations = { worth: [1, 1.4, 1.8], median: 0, extreme: 0 }
/** Nats that good batches are taken to reach at least. */
const LEAST = 0.5
const MEDIAN_CHANCE = 0.5
const EXTREME_CHANCE = 1 / 2000

/** The strongest cases of past batches, and what was read off them last. */
export interface PastCases {
  readonly cases: PerCase[]
  expected: Expectations | null
}

/** What good batches make likely. */
export interface Expectations {
  /** What a case of each size is worth, so that all are exceeded as seldom as a lone witness of that many nats. */
  readonly worth: PerCase
  /** Table score that one good batch in two exceeds, so weighed. */
  readonly median: number
  /** The same of one in 2,000. */
  readonly extreme: number
}

export const createPastCases = (): PastCases => ({ cases: [], expected: null })

/** Adds a good batch, forgetting the oldest beyond a year of daily ones. */
export function remember(past: PastCases, cases: PerCase): void {
  past.cases.push(cases)
  if (past.cases.length > WINDOW) past.cases.shift()
  past.expected = null
}

/** Reads what to expect off the past, all of it weighed as today's batch will be; a guess while there is none. */
export function expectationsOf(past: PastCases): Expectations {
  if (past.cases.length === 0) return FIRST
  past.expected ??= read(past.cases)
  return past.expected
}

function read(cases: readonly PerCase[]): Expectations {
  const exceeded = (values: readonly number[], chance: number): number =>
    exceededWithChance({ sorted: Float64Array.from(values).sort(), size: values.length }, chance)
  const [one, few, many] = CASE_SIZES.map((_, size) =>
    exceeded(
      cases.map((each) => each[size]!),
      CHANCES[size]!,
    ),
  ) as [number, number, number]
  const worth: PerCase = [1, one / Math.max(few, LEAST), one / Math.max(many, LEAST)]
  const tables = cases.map((each) => weighed(each, worth))
  return { worth, median: exceeded(tables, MEDIAN_CHANCE), extreme: exceeded(tables, EXTREME_CHANCE) }
}
