import type { Dimension } from '../data/dimension.ts'
import { dimensions } from '../data/dimension.ts'
import { CASE_SIZES, NO_CASE, type PerCase, weighed } from '../math/cases.ts'
import type { SeriesScore } from './series-scorer.ts'

const MOST_WITNESSES = CASE_SIZES[2]

/** The largest surprises of a group of series, descending, and how many series it has. */
interface Witnesses {
  size: number
  readonly largest: Float64Array
}

const noWitnesses = (): Witnesses => ({ size: 0, largest: new Float64Array(MOST_WITNESSES) })

function hear(group: Witnesses, surprise: number): void {
  group.size += 1
  const { largest } = group
  if (surprise <= largest[MOST_WITNESSES - 1]!) return
  let at = MOST_WITNESSES - 1
  for (; at > 0 && largest[at - 1]! < surprise; at--) largest[at] = largest[at - 1]!
  largest[at] = surprise
}

/** Mean of the 1, 3 and 8 largest surprises of a group; of all it has, where it has fewer. */
function casesOf({ size, largest }: Witnesses): PerCase {
  let sum = 0
  let heard = 0
  const mean = (witnesses: number): number => {
    for (const until = Math.min(witnesses, size); heard < until; heard++) sum += largest[heard]!
    return heard === 0 ? 0 : sum / heard
  }
  return [mean(CASE_SIZES[0]), mean(CASE_SIZES[1]), mean(CASE_SIZES[2])]
}

/** Scores of the columns (`''`: the table itself), of the dimensions, and of the whole table; nats in [0, 40). */
export interface Combination {
  readonly columns: ReadonlyMap<string, number>
  readonly dimensions: Readonly<Record<Dimension, number>>
  readonly table: number
  /** The strongest case of each size, in any column, before it is weighed. */
  readonly cases: PerCase
}

/** One group for all series of a column, then one per dimension. */
type ColumnGroups = readonly Witnesses[]

/**
 * Combines the surprises of a batch's series: a column hears its own series and those of its pairs; the table's own
 * series are heard per dimension; the table is its most surprising column.
 *
 * Evidence of a group is its best case: the mean of its 1, 3 or 8 largest surprises, times what that size is worth.
 *
 * @param worth - Per size of case, so that good batches exceed every size as seldom: how often flukes come together
 *   differs from table to table, and is learnt.
 */
export function combine(series: readonly SeriesScore[], worth: PerCase): Combination {
  const groups = new Map<string, ColumnGroups>()
  for (const { metric, surprise } of series) {
    const dimension = 1 + dimensions.indexOf(metric.dimension)
    for (const column of metric.entity === 'table' ? [''] : new Set(metric.columns)) {
      const own = groupsOf(groups, column)
      hear(own[0]!, surprise)
      hear(own[dimension]!, surprise)
    }
  }
  return summarise(groups, worth)
}

function groupsOf(groups: Map<string, ColumnGroups>, column: string): ColumnGroups {
  const existing = groups.get(column)
  if (existing) return existing
  const created = Array.from({ length: 1 + dimensions.length }, noWitnesses)
  groups.set(column, created)
  return created
}

function summarise(groups: ReadonlyMap<string, ColumnGroups>, worth: PerCase): Combination {
  const columns = new Map<string, number>()
  const perDimension = new Array<number>(dimensions.length).fill(0)
  let strongest = NO_CASE
  for (const [column, [all, ...byDimension]] of groups) {
    const cases = byDimension.map(casesOf)
    const heard = column === '' ? cases : [casesOf(all!)]
    for (const each of heard) strongest = stronger(strongest, each)
    columns.set(column, Math.max(...heard.map((each) => weighed(each, worth))))
    cases.forEach((each, d) => {
      perDimension[d] = Math.max(perDimension[d]!, weighed(each, worth))
    })
  }
  return {
    columns,
    dimensions: Object.fromEntries(dimensions.map((name, d) => [name, perDimension[d]!])) as Record<
      Dimension,
      number
    >,
    table: Math.max(0, ...columns.values()),
    cases: strongest,
  }
}

const stronger = (a: PerCase, b: PerCase): PerCase => [
  Math.max(a[0], b[0]),
  Math.max(a[1], b[1]),
  Math.max(a[2], b[2]),
]
