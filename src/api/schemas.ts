import { z } from 'zod'
import { dimensions } from '../data/dimension.ts'
import { feedbacks } from '../data/feedback.ts'
import { hybridMembers } from '../data/hybrid.ts'

/** What the API says, as schemas: routes serialise with them, OpenAPI documents them, the console takes its types from them. */

/** JSON has no NaN nor infinity: they travel as null. */
const number = z.number().nullable()
const status = z.enum(['ok', 'alert', 'cannot-judge'])
const dimension = z.enum(dimensions)

/** What a verdict rests on, as fields: enough to say it in any language. */
export const cause = z.object({
  dimension,
  entity: z.enum(['table', 'column', 'pair']),
  instance: z.string(),
  metric: z.string(),
  label: z.string(),
  unit: z.enum(['percent', 'number', 'count', 'hours', 'correlation']),
  value: number,
  centerLine: number,
  lowerLimit: number,
  upperLimit: number,
  absolute: z.boolean(),
  /** The materiality floor that keeps it from counting, as a share of the rows. */
  belowFloor: z.number().nullable(),
  message: z.string(),
})

/** `cause` is null where no finding is the reason. */
export const dimensionVerdict = z.object({
  status,
  score: number,
  reason: z.string().nullable(),
  cause: cause.nullable(),
})

export const verdictSummary = z.object({
  batch: z.string(),
  revision: z.number(),
  startMs: z.number().nullable(),
  judgedMs: z.number(),
  rows: z.number(),
  status,
  provisional: z.boolean(),
  score: number,
  threshold: number,
  reason: z.string(),
  cause: cause.nullable(),
  label: z.string().nullable(),
  /** What people say it really was. */
  feedback: z.enum(feedbacks).nullable(),
  dimensions: z.record(dimension, dimensionVerdict),
})

export const evidence = z.object({
  description: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string().nullable())),
  total: z.number().nullable(),
  predicate: z.string(),
})

export const finding = cause.extend({
  key: z.string(),
  columns: z.array(z.string()),
  surprise: number,
  recent: z.array(number),
  evidence: evidence.nullable(),
})

export const verdictDetail = verdictSummary.extend({ findings: z.array(finding) })

export const apiError = z.object({ code: z.string(), message: z.string(), fix: z.string() })
export const jobKind = z.enum(['check', 'drill', 'fire-drill', 'train'])

export const job = z.object({
  dataset: z.string(),
  kind: jobKind,
  state: z.enum(['running', 'done', 'failed']),
  stage: z.string(),
  done: z.number(),
  total: z.number().nullable(),
  error: apiError.nullable(),
})

/** When the next batch is due, and since when it is late: a matter of completeness. */
export const nextBatch = z.object({
  dimension: z.literal('completeness'),
  dueMs: z.number(),
  lateSinceMs: z.number().nullable(),
})

/** `error` tells why a dataset cannot be read, null when it can; the other fields are then empty. */
export const datasetSummary = z.object({
  name: z.string(),
  error: apiError.nullable(),
  atMost: z.string(),
  data: z.array(z.string()),
  batches: z.number(),
  alerts: z.number(),
  latest: verdictSummary.nullable(),
  /** Null while it cannot be told. */
  next: nextBatch.nullable(),
  job: job.nullable(),
})

export const datasetDetail = datasetSummary.extend({ verdicts: z.array(verdictSummary) })

export const seriesPoint = z.object({
  batch: z.string(),
  startMs: z.number().nullable(),
  value: number,
  centerLine: number,
  lowerLimit: number,
  upperLimit: number,
  surprise: number,
})

export const series = z.object({
  key: z.string(),
  metric: z.string(),
  label: z.string(),
  unit: finding.shape.unit,
  dimension,
  entity: finding.shape.entity,
  instance: z.string(),
  /** Highest surprise over the batches shown, nats. */
  peak: number,
  points: z.array(seriesPoint),
})

/** A share of faults caught, and the range in which the share of as many new ones falls 19 times in 20. */
export const catchRate = z.object({ rate: number, low: z.number(), high: z.number(), trials: z.number() })

/** One corruption at one share of the rows, or band of drawn shares. */
export const scorecardLine = z.object({
  corruption: z.string(),
  /** Null for a benign change, whose alerts are false. */
  dimension: dimension.nullable(),
  fraction: z.number(),
  band: z.tuple([z.number(), z.number()]),
  caught: catchRate,
  columns: z.array(z.object({ column: z.string(), caught: catchRate })),
  dimensionNamed: catchRate,
  columnNamed: catchRate,
  rocAuc: number,
})

export const scorecard = z.object({
  atMs: z.number(),
  batches: z.number(),
  overall: catchRate,
  falseAlarms: catchRate,
  dimensionNamed: catchRate,
  columnNamed: catchRate,
  /** Weak spots first. */
  lines: z.array(scorecardLine),
  delays: z.array(
    z.object({
      corruption: z.string(),
      shape: z.enum(['once', 'step', 'ramp', 'intermittent']),
      caught: catchRate,
      medianBatches: number,
    }),
  ),
  notApplicable: z.array(z.object({ corruption: z.string(), reasons: z.array(z.string()) })),
  /** What each detector should count for, and what that by itself brings; null in scorecards that did not look at it. */
  hybrid: z
    .object({
      weights: z.partialRecord(z.enum(hybridMembers), z.number()),
      members: z.array(
        z.object({
          member: z.enum(hybridMembers),
          weight: z.number(),
          gain: z.object({ value: number, low: number, high: number }),
        }),
      ),
      auc: number,
    })
    .nullable(),
})

export const fireDrill = z.object({
  atMs: z.number(),
  batch: z.string(),
  rang: z.number(),
  trials: z.array(
    z.object({ dimension, corruption: z.string(), columns: z.array(z.string()), rang: z.boolean() }),
  ),
})

/** What would make a batch normal again. */
export const rootCause = z.object({
  kind: z.enum(['segment', 'column', 'rows']),
  conditions: z.array(z.object({ column: z.string(), value: z.union([z.string(), z.number()]).nullable() })),
  columns: z.array(z.string()),
  /** Share of the batch's rows concerned. */
  rowShare: z.number(),
  /** Nats of the table as it is, and with this removed or repaired. */
  before: z.number(),
  after: z.number(),
  isNormalAgain: z.boolean(),
  /** DuckDB predicate of the rows; null for a column, and for rows that share nothing. */
  predicate: z.string().nullable(),
  message: z.string(),
})

/** What drills told of a dataset; null before the first of each. */
export const drills = z.object({ scorecard: scorecard.nullable(), fire: fireDrill.nullable() })

/** A trained version of a model. */
export const modelView = z.object({
  name: z.string(),
  description: z.string(),
  owner: z.string(),
  version: z.number(),
  uri: z.string(),
  modelType: z.string(),
  trainingFramework: z.object({ name: z.string(), version: z.string() }),
  hyperparameters: z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string()]))),
  labels: z.record(z.string(), z.string()),
  createdMs: z.number(),
})

const cells = z.array(z.string().nullable())

/** The oddest rows of a batch; scores in nats. */
export const rowExplanation = z.object({
  dataset: z.string(),
  batch: z.string(),
  model: z.object({ name: z.string(), version: z.number() }),
  isInSample: z.boolean(),
  rows: z.object({ looked: z.number(), of: z.number() }),
  oddFraction: z.number(),
  columns: z.array(z.string()),
  oddest: z.array(
    z.object({
      score: z.number(),
      cells,
      suspects: z.array(
        z.object({
          column: z.string(),
          surprise: z.number(),
          value: z.string().nullable(),
          expected: z.string().nullable(),
        }),
      ),
      similar: z.array(cells),
    }),
  ),
})

/** One message of the event stream. */
export const event = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('job'), job }),
  z.object({ kind: z.literal('verdict'), dataset: z.string(), verdict: verdictSummary }),
])

export type VerdictSummary = z.infer<typeof verdictSummary>
export type VerdictDetail = z.infer<typeof verdictDetail>
export type Cause = z.infer<typeof cause>
export type FindingDetail = z.infer<typeof finding>
export type DatasetSummary = z.infer<typeof datasetSummary>
export type DatasetDetail = z.infer<typeof datasetDetail>
export type Series = z.infer<typeof series>
export type SeriesPointView = z.infer<typeof seriesPoint>
/** Kinds of jobs that check or drill; training has children of its own. */
export type JobKind = Exclude<z.infer<typeof jobKind>, 'train'>
export type CatchRateView = z.infer<typeof catchRate>
export type RootCauseView = z.infer<typeof rootCause>
export type ScorecardLineView = z.infer<typeof scorecardLine>
export type ScorecardView = z.infer<typeof scorecard>
export type FireDrillView = z.infer<typeof fireDrill>
export type Drills = z.infer<typeof drills>
export type Job = z.infer<typeof job>
export type ApiEvent = z.infer<typeof event>
export type ApiError = z.infer<typeof apiError>
export type ModelView = z.infer<typeof modelView>
export type RowExplanation = z.infer<typeof rowExplanation>
