import type { Storage } from '../data/column.ts'
import type { Metric } from '../data/metric.ts'
import type { RowSample, SampleColumn } from '../data/profile.ts'
import { rankCorrelation } from './coded-ranks.ts'
import { WARM_UP_BATCHES } from './pair-selection.ts'
import { takeHead } from './take-rows.ts'
import type { BatchView } from './view.ts'

/** A relation between columns that held in the first batches, mined, never declared. */
export interface Rule {
  readonly kind: 'order' | 'sum' | 'product'
  /** order: a ≤ b. sum: a = b + c. product: a = b × c. */
  readonly columns: readonly string[]
}

/** The rules of a table: candidates shrink over the warm-up batches, then stay. */
export interface RuleBook {
  rules: readonly Rule[]
  minedBatches: number
}

export const ruleBook = (): RuleBook => ({ rules: [], minedBatches: 0 })

/** Rows a rule must have held on before it counts. */
const MIN_ROWS = 50
/** Share of rows that may break a rule while it is mined: real data has typing errors too. */
const TOLERATED = 0.005
/** Columns considered for arithmetic: triples grow with their cube. */
const MAX_COLUMNS = 12
const MAX_ROWS = 4000
/** Rank correlation of two columns whose order is worth watching. */
const MIN_CORRELATION = 0.5

/** The rule as people write it. */
export function describeRule({ kind, columns: [a, b, c] }: Rule): string {
  if (kind === 'order') return `${a} ≤ ${b}`
  return kind === 'sum' ? `${a} = ${b} + ${c}` : `${a} = ${b} × ${c}`
}

/** Share of the rows on which the rule is broken, of those where all its columns have a value. */
export function violationOf(
  rule: Rule,
  sample: RowSample,
): { readonly fraction: number; readonly rows: number } {
  const columns = rule.columns.map((name) => sample.columns.find((column) => column.column.name === name))
  if (columns.some((column) => column === undefined)) return { fraction: Number.NaN, rows: 0 }
  return countViolations({ kind: rule.kind, columns: columns as SampleColumn[] }, sample.rows)
}

/** How often each mined rule is broken. */
export function ruleMetrics(batch: BatchView, book: RuleBook): Metric[] {
  return book.rules.flatMap((rule): Metric[] => {
    const { fraction, rows } = violationOf(rule, batch.sample)
    if (rows === 0) return []
    const shared = { dimension: 'consistency', entity: 'pair', scale: 'rate', side: 'up' } as const
    return [
      {
        ...shared,
        name: 'ruleViolationFraction',
        instance: describeRule(rule),
        columns: rule.columns,
        value: fraction,
        support: rows,
      },
    ]
  })
}

/** Mines rules on the first telling batch and drops those that a later warm-up batch breaks. */
export function learnRules(book: RuleBook, batch: BatchView): void {
  if (book.minedBatches >= WARM_UP_BATCHES || batch.sample.rows < MIN_ROWS) return
  const candidates = book.minedBatches === 0 ? mineRules(batch.sample) : book.rules
  book.rules = candidates.filter((rule) => {
    const { fraction, rows } = violationOf(rule, batch.sample)
    return rows === 0 || fraction <= TOLERATED
  })
  book.minedBatches++
}

/** Every order, sum and product that holds on the sample and is not trivially so. */
export function mineRules(sample: RowSample): readonly Rule[] {
  const [numbers, times] = [tellingHeads(sample, 'number'), tellingHeads(sample, 'time')]
  const rows = Math.min(sample.rows, MAX_ROWS)
  const arithmetic = [...mineArithmetic(numbers, rows)]
  return [...mineOrders(times, rows), ...mineOrders(numbers, rows), ...arithmetic]
}

function tellingHeads(sample: RowSample, storage: Storage): readonly SampleColumn[] {
  const columns = sample.columns.filter(({ column }) => column.storage === storage)
  const heads = takeHead({ ...sample, columns }, MAX_ROWS).columns
  return heads.filter(({ values }) => values.length > 2).slice(0, MAX_COLUMNS)
}

function* mineOrders(columns: readonly SampleColumn[], rows: number): Generator<Rule> {
  const ranges = columns.map(rangeOf)
  for (const [i, a] of columns.entries())
    for (const [j, b] of columns.entries())
      if (
        i !== j &&
        overlap(ranges[i]!, ranges[j]!) &&
        holds({ kind: 'order', columns: [a, b] }, rows) &&
        moveTogether(a, b)
      )
        yield { kind: 'order', columns: [a.column.name, b.column.name] }
}

type Range = readonly [low: number, high: number]

/** Ranges must overlap by half of the narrower: an order between far-apart columns says nothing about rows. */
const overlap = ([lowA, highA]: Range, [lowB, highB]: Range): boolean =>
  Math.min(highA, highB) - Math.max(lowA, lowB) > 0.5 * Math.min(highA - lowA, highB - lowB)

function rangeOf({ values }: SampleColumn): Range {
  let low = Infinity
  let high = -Infinity
  for (const value of values as readonly number[]) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

/** Start and end, net and gross move together; two columns that merely happen to be ordered do not. */
const moveTogether = (a: SampleColumn, b: SampleColumn): boolean =>
  rankCorrelation(a, b).correlation >= MIN_CORRELATION

function* mineArithmetic(columns: readonly SampleColumn[], rows: number): Generator<Rule> {
  for (const a of columns)
    for (let i = 0; i < columns.length; i++)
      for (let j = i; j < columns.length; j++) {
        const [b, c] = [columns[i]!, columns[j]!]
        if (a === b || a === c) continue
        for (const kind of ['sum', 'product'] as const)
          if (holds({ kind, columns: [a, b, c] }, rows) && !isTrivial(kind, a, { b, c }))
            yield { kind, columns: [a.column.name, b.column.name, c.column.name] }
      }
}

/** a = b + c with c nearly always 0, or a = b × c with c nearly always 1 or a nearly always 0, is a copy, not a rule. */
function isTrivial(
  kind: 'sum' | 'product',
  a: SampleColumn,
  { b, c }: { b: SampleColumn; c: SampleColumn },
): boolean {
  const neutral = kind === 'sum' ? 0 : 1
  return [b, c].some((column) => shareOf(column, neutral) > 0.9) || shareOf(a, 0) > 0.9 || b === c
}

function shareOf({ codes, values }: SampleColumn, value: number): number {
  const code = (values as readonly number[]).indexOf(value) + 1
  if (code === 0) return 0
  let rows = 0
  for (const candidate of codes) if (candidate === code) rows++
  return rows / codes.length
}

/** A kind of rule between columns at hand. */
interface Relation {
  readonly kind: Rule['kind']
  readonly columns: readonly SampleColumn[]
}

function holds(relation: Relation, rows: number): boolean {
  if (countViolations(relation, Math.min(rows, 64), 0.1).fraction > 0.1) return false
  const { fraction, rows: seen } = countViolations(relation, rows, TOLERATED)
  return seen >= MIN_ROWS && fraction <= TOLERATED
}

/** Stops once the rule is broken on more than the tolerated share of all rows: the fraction is then above it as well. */
function countViolations(
  { kind, columns }: Relation,
  rows: number,
  tolerated = 1,
): { fraction: number; rows: number } {
  const [a, b, c = columns[1]!] = columns as [SampleColumn, SampleColumn, SampleColumn?]
  let seen = 0
  let broken = 0
  for (let row = 0; row < rows && broken <= tolerated * rows; row++) {
    if (a.codes[row] === 0 || b.codes[row] === 0 || c.codes[row] === 0) continue
    seen++
    if (isBroken(kind, numberAt(a, row), { b: numberAt(b, row), c: numberAt(c, row) })) broken++
  }
  return { fraction: seen > 0 ? broken / seen : Number.NaN, rows: seen }
}

const numberAt = ({ codes, values }: SampleColumn, row: number): number => values[codes[row]! - 1] as number

/** Amounts are rounded to cents: a relative slack of 1e-6 and an absolute one of just over half a cent. */
function isBroken(
  kind: Rule['kind'],
  a: number,
  { b, c }: { readonly b: number; readonly c: number },
): boolean {
  if (kind === 'order') return a > b
  const expected = kind === 'sum' ? b + c : b * c
  const isInteger = Number.isInteger(a) && Number.isInteger(b) && Number.isInteger(c)
  return Math.abs(a - expected) > (isInteger ? 0 : 0.0051) + 1e-6 * Math.abs(expected)
}
