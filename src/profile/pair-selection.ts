import type { RowSample, SampleColumn } from '../data/profile.ts'
import { random, shuffled } from '../math/random.ts'
import { rankCorrelation } from './coded-ranks.ts'
import { type Coded, dependencyOn, type GroupedRows, groupRows } from './joint.ts'
import { takeHead } from './take-rows.ts'

/** Batches on which pairs and rules are chosen; they stay as chosen afterwards. */
export const WARM_UP_BATCHES = 6
/** Pairs watched per table: more cost time and add little. */
const MAX_PAIRS = 26
/** Columns considered: the number of pairs grows with their square. */
const MAX_COLUMNS = 24
const MAX_ROWS = 2000
const MIN_STRENGTH = 0.05

export interface ChosenPair {
  readonly from: string
  readonly to: string
  /** 0–1: how much better than chance `from` tells `to`, or their absolute rank correlation. */
  readonly strength: number
}

/** As much of a sample as pairs are chosen by: the first rows of the columns that may be paired. */
export function headToPair(sample: RowSample): RowSample {
  const columns = sample.columns.filter((column) => isUsable(column, sample.rows))
  return takeHead({ ...sample, columns }, MAX_ROWS)
}

const isUsable = ({ column, values }: SampleColumn, rows: number): boolean =>
  column.storage !== 'time' &&
  column.storage !== 'nested' &&
  values.length > 1 &&
  (values.length < 0.98 * rows || (column.storage === 'number' && !/INT/.test(column.type)))

/**
 * The strongest ordered pairs of columns, by the lift of the dependency over a shuffled column, or by rank correlation.
 *
 * Tables wider than 24 usable columns have 24 of them considered, evenly spread; dependencies elsewhere go unwatched.
 *
 * @param heads - Of `headToPair`.
 */
export function selectPairs(heads: readonly RowSample[]): readonly ChosenPair[] {
  const names = spread(
    [...new Set(heads.flatMap(({ columns }) => columns.map(({ column }) => column.name)))],
    MAX_COLUMNS,
  )
  const candidates = heads.filter(({ rows }) => rows >= 4).map((head) => candidatesOf(head, names))
  const chosen: ChosenPair[] = []
  for (const from of names)
    for (const to of names)
      if (from !== to) chosen.push({ from, to, strength: meanStrength(candidates, from, to) })
  return chosen
    .filter((pair) => pair.strength >= MIN_STRENGTH)
    .sort((a, b) => b.strength - a.strength)
    .slice(0, MAX_PAIRS)
}

const spread = <T>(items: readonly T[], most: number): readonly T[] =>
  items.length <= most
    ? items
    : Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!)

/** A column that may be paired, its rows by value, and its codes in random order, when asked for: what chance makes of it. */
interface Candidate {
  readonly column: SampleColumn
  readonly groups: GroupedRows
  readonly byChance: Coded
}

function candidatesOf(
  { rows, columns }: RowSample,
  names: readonly string[],
): ReadonlyMap<string, Candidate> {
  const order = shuffled([...Array(rows).keys()], random(1))
  const candidates = columns
    .filter(({ column }) => names.includes(column.name))
    .map((column) => candidateOf(column, order))
  return new Map(candidates.map((candidate) => [candidate.column.column.name, candidate]))
}

function candidateOf(column: SampleColumn, order: readonly number[]): Candidate {
  let byChance: Coded | undefined
  return {
    column,
    groups: groupRows(column),
    get byChance() {
      return (byChance ??= inOrder(column, order))
    },
  }
}

function inOrder({ codes, values }: SampleColumn, order: readonly number[]): Coded {
  const reordered = new Uint32Array(order.length)
  for (let row = 0; row < order.length; row++) reordered[row] = codes[order[row]!]!
  return { codes: reordered, values }
}

/** Mean over the heads; 0 of pairs that would be too weak whatever chance made of them, as most are. */
function meanStrength(
  candidates: readonly ReadonlyMap<string, Candidate>[],
  from: string,
  to: string,
): number {
  const pairs = candidates.flatMap((columns): Pair[] => {
    const [a, b] = [columns.get(from), columns.get(to)]
    return a && b ? [{ from: a, to: b }] : []
  })
  return mean(pairs, (pair) => strength(pair, mostBroken(pair))) < MIN_STRENGTH
    ? 0
    : mean(pairs, (pair) => strength(pair, brokenByChance(pair)))
}

const mean = (pairs: readonly Pair[], of: (pair: Pair) => number): number =>
  pairs.reduce((sum, pair) => sum + of(pair), 0) / Math.max(1, pairs.length)

/** Two columns of one head. */
interface Pair {
  readonly from: Candidate
  readonly to: Candidate
}

const brokenByChance = ({ from, to }: Pair): number => dependencyOn(from.groups, to.byChance).violation

/** The greatest violation there can be: one row of each group is always of its majority. Nulls change the groups. */
const mostBroken = ({ from: { groups }, to }: Pair): number =>
  to.column.codes.includes(0) ? 1 : 1 - groups.ends.length / Math.max(1, groups.repeated.length)

const strength = (pair: Pair, chance: number): number =>
  Math.max(lift(pair, chance), isNumber(pair.from) && isNumber(pair.to) ? absoluteCorrelation(pair) : 0)

const isNumber = ({ column: { column } }: Candidate): boolean => column.storage === 'number'

function absoluteCorrelation({ from, to }: Pair): number {
  const { correlation, rows } = rankCorrelation(from.column, to.column)
  return rows < 5 || Number.isNaN(correlation) ? 0 : Math.abs(correlation)
}

function lift({ from, to }: Pair, chance: number): number {
  const { violation, coverage } = dependencyOn(from.groups, to.column)
  return Math.max(0, (chance - violation) / Math.max(chance, 0.02)) * coverage
}
