import type { RowSample, SampleColumn } from '../data/profile.ts'
import { random, shuffled } from '../math/random.ts'
import { spearman } from '../math/rank.ts'
import { bothFilled, dependencyViolation, jointOf } from './joint.ts'

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

/**
 * The strongest ordered pairs of columns, by the lift of the dependency over a shuffled column, or by rank correlation.
 *
 * Tables wider than 24 usable columns have 24 of them considered, evenly spread; dependencies elsewhere go unwatched.
 */
export function selectPairs(samples: readonly RowSample[]): readonly ChosenPair[] {
  const names = usableColumns(samples)
  const chosen: ChosenPair[] = []
  for (const from of names)
    for (const to of names)
      if (from !== to) chosen.push({ from, to, strength: meanStrength(samples, from, to) })
  return chosen
    .filter((pair) => pair.strength >= MIN_STRENGTH)
    .sort((a, b) => b.strength - a.strength)
    .slice(0, MAX_PAIRS)
}

function usableColumns(samples: readonly RowSample[]): readonly string[] {
  const names = new Set<string>()
  for (const sample of samples)
    for (const column of sample.columns) if (isUsable(column, sample.rows)) names.add(column.column.name)
  return spread([...names], MAX_COLUMNS)
}

const isUsable = ({ column, values }: SampleColumn, rows: number): boolean =>
  column.storage !== 'time' &&
  column.storage !== 'nested' &&
  values.length > 1 &&
  (values.length < 0.98 * rows || (column.storage === 'number' && !/INT/.test(column.type)))

const spread = <T>(items: readonly T[], most: number): readonly T[] =>
  items.length <= most
    ? items
    : Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!)

function meanStrength(samples: readonly RowSample[], from: string, to: string): number {
  const strengths = samples.flatMap((sample) => {
    const a = sample.columns.find((column) => column.column.name === from)
    const b = sample.columns.find((column) => column.column.name === to)
    return a && b && sample.rows >= 4 ? [strength(head(a), head(b))] : []
  })
  return strengths.length > 0 ? strengths.reduce((sum, value) => sum + value, 0) / strengths.length : 0
}

const head = (column: SampleColumn): SampleColumn => ({
  ...column,
  codes: column.codes.subarray(0, MAX_ROWS),
})

function strength(from: SampleColumn, to: SampleColumn): number {
  return Math.max(lift(from, to), isNumber(from) && isNumber(to) ? absoluteRankCorrelation(from, to) : 0)
}

const isNumber = ({ column }: SampleColumn): boolean => column.storage === 'number'

function absoluteRankCorrelation(from: SampleColumn, to: SampleColumn): number {
  const { a, b } = bothFilled(from, to)
  return a.length < 5 ? 0 : Math.abs(spearman(a, b))
}

function lift(from: SampleColumn, to: SampleColumn): number {
  const sizes = { from: from.values.length, to: to.values.length }
  const { violation, coverage } = dependencyViolation(jointOf(from.codes, to.codes, sizes))
  const chance = dependencyViolation(
    jointOf(from.codes, Uint32Array.from(shuffled([...to.codes], random(1))), sizes),
  ).violation
  return Math.max(0, (chance - violation) / Math.max(chance, 0.02)) * coverage
}
