import type { Dimension } from './dimension.ts'
import type { Feedback } from './feedback.ts'

/** What is said of a batch; `cannot-judge` is never dressed up as `ok`. */
export type VerdictStatus = 'ok' | 'alert' | 'cannot-judge'

/** Rows that show what is wrong. */
export interface Evidence {
  /** How the rows were chosen, as a sentence. */
  readonly description: string
  readonly columns: readonly string[]
  /** Cells as text, null for null; at most 20 rows. */
  readonly rows: readonly (readonly (string | null)[])[]
  /** Offending rows in the whole batch; null when not counted. */
  readonly total: number | null
  /** DuckDB predicate that selects them. */
  readonly predicate: string
}

/** One thing that is unusual, most surprising first in a verdict. */
export interface Finding {
  readonly dimension: Dimension
  readonly entity: 'table' | 'column' | 'pair'
  readonly instance: string
  readonly columns: readonly string[]
  readonly metric: string
  readonly value: number
  /** What the past made likely; NaN when nothing is known. */
  readonly centerLine: number
  readonly lowerLimit: number
  readonly upperLimit: number
  /** Nats: −ln of the probability of something as unusual. */
  readonly surprise: number
  /** True for a rule that needs no history, such as a missing column. */
  readonly absolute: boolean
  /** The materiality floor that keeps it from counting, as a share of the rows; null when it counts. */
  readonly belowFloor: number | null
  /** One sentence: what, where, value, expected. */
  readonly message: string
  /** The metric on the batches before and on this one, oldest first, at most 30. */
  readonly recent: readonly number[]
  readonly evidence: Evidence | null
}

export interface DimensionVerdict {
  readonly status: VerdictStatus
  /** Nats. */
  readonly score: number
  /** The reason, when there is one to give. */
  readonly reason: string | null
}

/** What Fiable says of one batch, under the alert budget in force. */
export interface Verdict {
  readonly dataset: string
  readonly batch: string
  readonly revision: number
  readonly startMs: number | null
  readonly judgedMs: number
  readonly rows: number
  readonly status: VerdictStatus
  /** Not an alert, but to be listed in the digest: beyond the budget, or nearly an alert. */
  readonly inDigest: boolean
  /** It would have been an alert, but for a materiality floor. */
  readonly isBelowFloor: boolean
  /** Fewer than 8 batches are known: limits are still wide and uncertain. */
  readonly provisional: boolean
  /** Nats, of the table. */
  readonly score: number
  readonly threshold: number
  /** Why, in one sentence. */
  readonly reason: string
  readonly dimensions: Readonly<Record<Dimension, DimensionVerdict>>
  readonly findings: readonly Finding[]
  /** A note people gave to the batch, such as that it was spoiled on purpose. */
  readonly label: string | null
  /** What people say it really was. */
  readonly feedback: Feedback | null
}
