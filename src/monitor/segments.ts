import type { RowSample, SampleColumn } from '../data/profile.ts'
import type { Suspects } from './suspect-rows.ts'

/** `column = value`; null stands for no value. */
export interface Condition {
  readonly column: string
  readonly value: number | string | null
}

/** Rows that share one or two values, and how well they are the suspects. */
export interface Segment {
  readonly conditions: readonly Condition[]
  readonly rows: number
  /** Share of the suspects that lie in it, and of its rows that are suspects. */
  readonly recall: number
  readonly precision: number
  /** Harmonic mean of both. */
  readonly fit: number
}

/** Values tried per column: the most frequent among the suspects. */
const VALUES = 24
/** Single conditions that are combined. */
const COMBINED = 8
/** A second condition must improve the fit by this much: the simpler segment is the better explanation. */
const WORTH_A_CONDITION = 0.05

interface Candidate {
  readonly condition: Condition
  readonly codes: Uint32Array
  readonly code: number
}

/**
 * The segments that explain suspects best: every `column = value`, and every two of the best of them.
 *
 * @param except - Columns that may not be part of a segment, such as the one that the suspects are about.
 */
export function segmentsOf(
  sample: RowSample,
  suspects: Suspects,
  except: ReadonlySet<string>,
): readonly Segment[] {
  const total = suspects.reduce((sum, mark) => sum + mark, 0)
  if (total === 0 || total === sample.rows) return []
  const singles = sample.columns
    .filter(({ column }) => !except.has(column.name) && column.storage !== 'time')
    .flatMap((column) => candidatesOf(column, suspects))
    .map((candidate) => ({ candidate, segment: measured([candidate], { suspects, total }) }))
    .sort(
      (a, b) =>
        b.segment.fit * b.segment.recall - a.segment.fit * a.segment.recall || byName(a.segment, b.segment),
    )
  const best = singles.slice(0, COMBINED)
  const least = (best[0]?.segment.fit ?? 0) + WORTH_A_CONDITION
  const pairs = best.flatMap((a, i) =>
    best
      .slice(i + 1)
      .filter((b) => b.candidate.condition.column !== a.candidate.condition.column)
      .map((b) => measured([a.candidate, b.candidate], { suspects, total }))
      .filter(({ fit }) => fit >= least),
  )
  return [...pairs, ...singles.map(({ segment }) => segment)].sort((a, b) => b.fit - a.fit || byName(a, b))
}

const byName = (a: Segment, b: Segment): number =>
  JSON.stringify(a.conditions) < JSON.stringify(b.conditions) ? -1 : 1

function candidatesOf({ column, codes, values }: SampleColumn, suspects: Suspects): readonly Candidate[] {
  const hits = new Uint32Array(values.length + 1)
  for (let row = 0; row < codes.length; row++) if (suspects[row]) hits[codes[row]!]!++
  return Array.from(hits, (count, code) => ({ count, code }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.code - b.code)
    .slice(0, VALUES)
    .map(({ code }) => ({
      condition: { column: column.name, value: code === 0 ? null : values[code - 1]! },
      codes,
      code,
    }))
}

function measured(
  candidates: readonly Candidate[],
  { suspects, total }: { readonly suspects: Suspects; readonly total: number },
): Segment {
  let rows = 0
  let hits = 0
  for (let row = 0; row < suspects.length; row++) {
    if (!candidates.every(({ codes, code }) => codes[row] === code)) continue
    rows++
    hits += suspects[row]!
  }
  const [recall, precision] = [hits / total, rows > 0 ? hits / rows : 0]
  const fit = recall + precision > 0 ? (2 * recall * precision) / (recall + precision) : 0
  return { conditions: candidates.map(({ condition }) => condition), rows, recall, precision, fit }
}
