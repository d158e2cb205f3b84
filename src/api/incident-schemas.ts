import { z } from 'zod'
import { dimensions } from '../data/dimension.ts'
import { feedbacks } from '../data/feedback.ts'
import { cause, finding, verdictSummary } from './schemas.ts'
import { author } from './sensitivity-schemas.ts'

const feedback = z.enum(feedbacks)

export const doneAction = z.object({
  kind: z.enum(['resolve', 'reopen', 'snooze', 'assign', 'comment', 'feedback']),
  author: z.string(),
  createdMs: z.number(),
  text: z.string().nullable(),
  untilMs: z.number().nullable(),
})

/** Alerts with one cause, and what people did about them. */
export const incident = z.object({
  id: z.string(),
  dataset: z.string(),
  status: z.enum(['open', 'continued', 'closed', 'snoozed', 'resolved', 'reopened']),
  isActive: z.boolean(),
  level: z.enum(['page', 'digest']),
  title: z.string(),
  /** The same as fields: enough to say it in any language. */
  cause: cause.nullable(),
  /** Leading first; empty for the table. */
  columns: z.array(z.string()),
  dimensions: z.array(z.enum(dimensions)),
  batches: z.array(z.string()),
  worsened: z.array(z.string()),
  startMs: z.number().nullable(),
  lastMs: z.number(),
  peak: z.number(),
  assignee: z.string().nullable(),
  snoozedUntilMs: z.number().nullable(),
  feedback: feedback.nullable(),
  actions: z.array(doneAction),
})

/** One thing to do about an incident; feedback null takes the one in force back. */
export const incidentAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('resolve'), note: z.string().default(''), author }),
  z.strictObject({ kind: z.literal('reopen'), author }),
  z.strictObject({ kind: z.literal('snooze'), untilMs: z.number(), author }),
  z.strictObject({ kind: z.literal('assign'), assignee: z.string().nullable(), author }),
  z.strictObject({ kind: z.literal('comment'), text: z.string(), author }),
  z.strictObject({ kind: z.literal('feedback'), feedback: feedback.nullable(), author }),
])

export const feedbackAsked = z.strictObject({
  batch: z.string().min(1),
  /** Null takes the one in force back. */
  feedback: feedback.nullable(),
  author,
})

export const feedbackAnswer = z.object({
  batches: z.array(z.string()),
  feedback: feedback.nullable(),
  replaced: z.array(feedback),
  inBaseline: z.boolean(),
})

export const explanation = z.object({
  verdict: verdictSummary,
  metrics: z.array(finding),
  rows: z.array(z.object({ description: z.string(), total: z.number().nullable(), sql: z.string() })),
  incidents: z.array(incident),
})

export type IncidentView = z.infer<typeof incident>
export type DoneActionView = z.infer<typeof doneAction>
export type IncidentActionAsked = z.input<typeof incidentAction>
export type FeedbackAnswer = z.infer<typeof feedbackAnswer>
export type ExplanationView = z.infer<typeof explanation>
