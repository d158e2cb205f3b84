import { spoil } from '../corruption/spoil.ts'
import { FiableError } from '../data/errors.ts'
import type { Rehearsed, Stand } from '../monitor/rehearsal.ts'
import { type Trial, type TrialPlan, trialsOf } from './trial-plan.ts'

/** What became of one trial; plain values, so that trials of several processes can be put together. */
export interface TrialResult {
  readonly batch: string
  readonly corruption: string
  readonly dimension: string | null
  readonly columns: readonly string[]
  readonly fraction: number
  readonly isAlert: boolean
  /** Nats of the table, and of the batch as it was. */
  readonly score: number
  readonly cleanScore: number
  readonly threshold: number
  /** The dimension of the most surprising series is the corruption's. */
  readonly isDimensionFirst: boolean
  /** Place of the first spoiled column among the columns by score, from 1; null when it takes no column or is not there. */
  readonly columnRank: number | null
}

/** Counts of a clean batch, beside its trials. */
export interface CleanResult {
  readonly batch: string
  readonly isAlert: boolean
  readonly score: number
}

/** Whether trials are made at this place of the history. */
export const isTried = ({ from, every }: TrialPlan, place: number): boolean =>
  place >= from && (place - from) % every === 0

/** Spoils one batch in every way of the plan and tells what the monitor says; trials without effect are left out. */
export function tryBatch(stand: Stand, plan: TrialPlan): readonly TrialResult[] {
  const batch = stand.batch.listing.key
  return trialsOf(plan, stand.batch.sample, batch).flatMap((trial) => {
    const spoiled = spoilOrSkip(stand, trial)
    return spoiled ? [resultOf(stand, trial, stand.judge({ ...spoiled, of: spoiled.rows }))] : []
  })
}

function spoilOrSkip({ batch, previous }: Stand, trial: Trial): ReturnType<typeof spoil>['table'] | null {
  if (trial.corruption.needsPrevious && !previous) return null
  try {
    return spoil(batch.sample, trial, previous).table
  } catch (thrown) {
    if (thrown instanceof FiableError && thrown.code === 'NO_EFFECT') return null
    throw thrown
  }
}

function resultOf(
  { batch, clean }: Stand,
  { corruption, columns, fraction }: Trial,
  { score, absolute, isAlert, threshold }: Rehearsed,
): TrialResult {
  const [top] = [...score.series].sort((a, b) => b.surprise - a.surprise)
  const named = new Set([
    ...absolute.map(({ dimension }) => dimension),
    ...(absolute.length === 0 && top ? [top.metric.dimension] : []),
  ])
  return {
    batch: batch.listing.key,
    corruption: corruption.name,
    dimension: corruption.dimension,
    columns,
    fraction,
    isAlert,
    score: score.table,
    cleanScore: clean.score.table,
    threshold,
    isDimensionFirst: corruption.dimension !== null && named.has(corruption.dimension),
    columnRank: columns.length === 0 ? null : rankOf(columns, { columns: score.columns, absolute }),
  }
}

function rankOf(
  columns: readonly string[],
  found: { readonly columns: ReadonlyMap<string, number>; readonly absolute: Rehearsed['absolute'] },
): number | null {
  const named = found.absolute.flatMap((finding) => finding.columns)
  if (columns.some((column) => named.includes(column))) return 1
  const order = [...found.columns]
    .filter(([column]) => column !== '')
    .sort((a, b) => b[1] - a[1])
    .map(([column]) => column)
  const ranks = columns.map((column) => order.indexOf(column)).filter((rank) => rank >= 0)
  return ranks.length > 0 ? Math.min(...ranks) + 1 : null
}
