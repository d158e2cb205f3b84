import type { Dimension } from '../data/dimension.ts'
import { dimensions } from '../data/dimension.ts'
import { SURPRISE_CAP } from '../math/surprise.ts'
import type { SeriesScore } from './series-scorer.ts'

/** Witnesses that make a case. */
const WITNESSES = 3
/** Nats a case loses for each witness it lacks, in a group of many series. */
const MISSING_WITNESS = 3

/** The three largest surprises of a group of series, and how many series it has. */
interface Witnesses {
  size: number
  first: number
  second: number
  third: number
}

const noWitnesses = (): Witnesses => ({ size: 0, first: 0, second: 0, third: 0 })

function hear(group: Witnesses, surprise: number): void {
  group.size += 1
  if (surprise > group.first) {
    group.third = group.second
    group.second = group.first
    group.first = surprise
  } else if (surprise > group.second) {
    group.third = group.second
    group.second = surprise
  } else if (surprise > group.third) group.third = surprise
}

/**
 * Evidence of a group: the best of (mean of its j most surprising series − 3·(3 − j)·(1 − 1/size) nats), j = 1, 2, 3.
 *
 * A real cause moves several metrics of a column, a fluke one: the mean of three separates them better than the
 * largest, any p-value combination or nearest neighbours. But what only one metric can see must ring when it is
 * overwhelming, so fewer witnesses are heard at a price; a group with few series has few chances of a fluke, and pays
 * less: one with a single series pays nothing.
 */
function evidence({ size, first, second, third }: Witnesses): number {
  if (size === 0) return 0
  const price = MISSING_WITNESS * (1 - 1 / size)
  const one = first - 2 * price
  const two = size < 2 ? 0 : (first + second) / 2 - price
  const three = size < WITNESSES ? 0 : (first + second + third) / WITNESSES
  return Math.max(0, one, two, three)
}

/** Scores of the columns (`''`: the table itself), of the dimensions, and of the whole table; nats in [0, 40). */
export interface Combination {
  readonly columns: ReadonlyMap<string, number>
  readonly dimensions: Readonly<Record<Dimension, number>>
  readonly table: number
}

/** One group for all series of a column, then one per dimension. */
type ColumnGroups = readonly Witnesses[]

/**
 * Combines the surprises of a batch's series: a column hears its own series and those of its pairs; the table's own
 * series are heard per dimension; the table is its most surprising column.
 */
export function combine(series: readonly SeriesScore[]): Combination {
  const groups = new Map<string, ColumnGroups>()
  for (const { metric, surprise } of series) {
    const dimension = 1 + dimensions.indexOf(metric.dimension)
    for (const column of metric.entity === 'table' ? [''] : new Set(metric.columns)) {
      const own = groupsOf(groups, column)
      hear(own[0]!, surprise)
      hear(own[dimension]!, surprise)
    }
  }
  return summarise(groups)
}

function groupsOf(groups: Map<string, ColumnGroups>, column: string): ColumnGroups {
  const existing = groups.get(column)
  if (existing) return existing
  const created = Array.from({ length: 1 + dimensions.length }, noWitnesses)
  groups.set(column, created)
  return created
}

function summarise(groups: ReadonlyMap<string, ColumnGroups>): Combination {
  const columns = new Map<string, number>()
  const perDimension = new Array<number>(dimensions.length).fill(0)
  for (const [column, [all, ...byDimension]] of groups) {
    const cases = byDimension.map(evidence)
    columns.set(column, column === '' ? Math.max(...cases) : evidence(all!))
    cases.forEach((value, d) => {
      perDimension[d] = Math.max(perDimension[d]!, value)
    })
  }
  return {
    columns,
    dimensions: Object.fromEntries(dimensions.map((name, d) => [name, perDimension[d]!])) as Record<
      Dimension,
      number
    >,
    table: Math.min(SURPRISE_CAP, Math.max(0, ...columns.values())),
  }
}
